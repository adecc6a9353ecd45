import type {Problem} from '../../../errors.ts'
import type {SpecOf} from '../../../spec/field.ts'
import {federationFields} from '../spec.ts'

/** All that `mesh federate status` can be told. */
export const federationStatusFields = {
  contexts: {...federationFields.contexts, about: 'kubeconfig contexts of the clusters to look at'},
  clusterName: federationFields.clusterName,
  network: federationFields.network,
  systemNamespace: federationFields.systemNamespace,
  revision: federationFields.revision,
}

/** The Spec of a look at a federation. */
export type FederationStatus = SpecOf<typeof federationStatusFields>

/** What one field alone can't tell. */
export function federationStatusProblems(spec: FederationStatus): Problem[] {
  return spec.contexts.length > 0
    ? []
    : [{message: '--contexts is missing: which clusters?', hints: ['--contexts ONE,OTHER']}]
}
