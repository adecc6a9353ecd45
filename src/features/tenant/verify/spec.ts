import {type SpecOf, switchField, textFieldWithDefault} from '../../../spec/field.ts'
import {tenantName} from '../spec-names.ts'

/** The fields of `mesh tenant verify`. */
export const tenantVerifyFields = {
  name: tenantName,
  traffic: switchField({
    flag: 'traffic',
    about: 'also send requests between two temporary workloads per tenant',
  }),
  trafficImage: textFieldWithDefault({
    flag: 'traffic-image',
    about: 'image of the temporary workloads: agnhost, or an image that has netexec, sh and curl',
    valueName: 'IMAGE',
    check: text => (/^[\w][\w.:/@-]*$/.test(text) ? undefined : 'is not an image'),
    fallback: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
  }),
}

/** The Spec of `mesh tenant verify`. */
export type TenantVerify = SpecOf<typeof tenantVerifyFields>
