import type {Problem} from '../../../errors.ts'
import type {SpecOf} from '../../../spec/field.ts'
import {localityLabelFields} from './spec.ts'

/** The fields of `mesh locality unlabel`. */
export const localityUnlabelFields = {
  nodes: {...localityLabelFields.nodes, about: 'nodes whose labels are restored'},
  selector: {...localityLabelFields.selector, about: 'label selector of the nodes'},
  all: {...localityLabelFields.all, about: 'restore all nodes that locality label has labelled'},
}

/** The Spec of `mesh locality unlabel`. */
export type LocalityUnlabel = SpecOf<typeof localityUnlabelFields>

/** Cross-field validation. */
export function validateLocalityUnlabel({nodes, selector, all}: LocalityUnlabel): Problem[] {
  if (nodes.length > 0 || selector !== undefined || all) return []
  return [{message: 'no nodes specified', hints: ['add NODE…, -l SELECTOR or --all']}]
}
