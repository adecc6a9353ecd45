import {commonFields} from '../../spec/common-fields.ts'
import type {Field} from '../../spec/field.ts'

const contexts: Field<string[]> = {
  ...commonFields.contexts,
  about: 'kubeconfig contexts of the clusters',
  fallbackText: 'the clusters that the record of the current cluster names',
}

/** The fields of `mesh graph`: those of `mesh federate status` that identify clusters. */
export const graphFields = {
  contexts,
  clusterName: commonFields.clusterName,
  systemNamespace: commonFields.systemNamespace,
  revision: commonFields.revision,
}

/** The formats of `mesh graph`. `text` is the default. */
export const graphFormats = ['text', 'mermaid', 'dot', 'svg', 'html', 'json', 'yaml'] as const

/** One of the formats of `mesh graph`. */
export type GraphFormat = (typeof graphFormats)[number]
