import {at} from '../../../mesh/capacity/spec.ts'
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

/** The fields of commands that read a federation. */
export const federationStatusFields = {
  contexts: recordedContexts,
  clusterName: federationFields.clusterName,
  network: federationFields.network,
  systemNamespace: federationFields.systemNamespace,
  revision: federationFields.revision,
}

/** The fields of `mesh federate status`. */
export const statusFields = {...federationStatusFields, at}
