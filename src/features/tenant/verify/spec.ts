import {type SpecOf, switchField, textFieldWithDefault} from '../../../spec/field.ts'
import {tenantName} from '../spec.ts'

/** The flags of `mesh tenant verify`. */
export const tenantVerifyFlagFields = {
  traffic: switchField({
    flag: 'traffic',
    about: 'also send requests, between two throw-away workloads a tenant',
  }),
  trafficImage: textFieldWithDefault({
    flag: 'traffic-image',
    about: 'image of the throw-away workloads: agnhost, or one with its netexec and curl',
    valueName: 'IMAGE',
    check: text => (/^[\w][\w.:/@-]*$/.test(text) ? undefined : 'is not an image'),
    fallback: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
  }),
}

/** All that `mesh tenant verify` can be told. */
export const tenantVerifyFields = {name: tenantName, ...tenantVerifyFlagFields}

export type TenantVerify = SpecOf<typeof tenantVerifyFields>
