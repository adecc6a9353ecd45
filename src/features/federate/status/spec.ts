import type {Problem} from '../../../errors.ts'
import type {Field} from '../../../spec/field.ts'
import {federationFields} from '../spec.ts'

/** The contexts of the clusters, for commands that need them. */
export const clusterContexts: Field<string[]> = {
  ...federationFields.contexts,
  about: 'kubeconfig contexts of the clusters',
}

const recordedContexts: Field<string[]> = {
  ...clusterContexts,
  fallbackText: 'the clusters that the record of the current cluster names',
}

/** The fields of `mesh federate status`. */
export const federationStatusFields = {
  contexts: recordedContexts,
  clusterName: federationFields.clusterName,
  network: federationFields.network,
  systemNamespace: federationFields.systemNamespace,
  revision: federationFields.revision,
}

/** Cross-field validation of commands that need contexts. */
export function validateFederationStatus(spec: {contexts: readonly string[]}): Problem[] {
  return spec.contexts.length > 0
    ? []
    : [{message: '--contexts is missing: which clusters?', hints: ['--contexts ONE,OTHER']}]
}
