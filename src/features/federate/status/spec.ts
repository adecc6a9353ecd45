import type {Problem} from '../../../errors.ts'
import type {SpecOf} from '../../../spec/field.ts'
import {federationFields} from '../spec.ts'

/** The fields of `mesh federate status`. */
export const federationStatusFields = {
  contexts: {...federationFields.contexts, about: 'kubeconfig contexts of the clusters'},
  clusterName: federationFields.clusterName,
  network: federationFields.network,
  systemNamespace: federationFields.systemNamespace,
  revision: federationFields.revision,
}

/** The Spec of `mesh federate status`. */
export type FederationStatus = SpecOf<typeof federationStatusFields>

/** Cross-field validation. */
export function validateFederationStatus(spec: FederationStatus): Problem[] {
  return spec.contexts.length > 0
    ? []
    : [{message: '--contexts is missing: which clusters?', hints: ['--contexts ONE,OTHER']}]
}
