import type {Problem} from '../../../errors.ts'
import {listField, type SpecOf, switchField} from '../../../spec/field.ts'
import {contextName} from '../../../spec/texts.ts'
import {federationFields} from '../spec.ts'

/** The fields of `mesh federate remove`. */
export const federationRemoveFields = {
  contexts: {...federationFields.contexts, about: 'kubeconfig contexts of the clusters that leave the mesh'},
  from: listField({
    flag: 'from',
    about:
      'kubeconfig contexts of the clusters that stay: the leaving clusters are unregistered there, and lose their access',
    valueName: 'CTX,CTX',
    check: contextName,
  }),
  clusterName: federationFields.clusterName,
  systemNamespace: federationFields.systemNamespace,
  revision: federationFields.revision,
  unreachableOk: switchField({
    flag: 'unreachable-ok',
    about: 'continue without leaving clusters that are not reachable; what was created there stays',
  }),
}

/** The Spec of `mesh federate remove`. */
export type FederationRemove = SpecOf<typeof federationRemoveFields>

/** Cross-field validation. */
export function validateFederationRemove(spec: FederationRemove): Problem[] {
  const {contexts, from, clusterName} = spec
  const missing: Problem = {
    message: '--contexts is missing: which clusters leave?',
    hints: ['--contexts LEAVING --from STAYING,STAYING'],
  }
  return [
    ...(contexts.length === 0 ? [missing] : []),
    ...from
      .filter(context => contexts.includes(context))
      .map(context => ({message: `${context} cannot both leave (--contexts) and stay (--from)`})),
    ...Object.keys(clusterName)
      .filter(context => ![...contexts, ...from].includes(context))
      .map(context => ({message: `--cluster-name ${context}=…: ${context} is not in --contexts or --from`})),
  ]
}
