import type {Problem} from '../../../errors.ts'
import {commonFields} from '../../../spec/common-fields.ts'
import type {SpecOf} from '../../../spec/field.ts'
import {dir} from '../spec.ts'

/** Fields of the commands that replace the CAs of clusters. */
export const caChangeFields = {
  dir,
  contexts: {...commonFields.contexts, about: 'kubeconfig contexts of the clusters'},
  clusterName: commonFields.clusterName,
  systemNamespace: commonFields.systemNamespace,
  revision: commonFields.revision,
}

/** The part of a Spec that decides which clusters are read. */
export type CaScope = Pick<SpecOf<typeof caChangeFields>, 'clusterName' | 'systemNamespace' | 'revision'>

/** Cross-field validation of what they share. */
export function validateCaChange({contexts}: Pick<SpecOf<typeof caChangeFields>, 'contexts'>): Problem[] {
  return contexts.length > 0 ? [] : [{message: '--contexts is required', hints: ['--contexts east,west']}]
}
