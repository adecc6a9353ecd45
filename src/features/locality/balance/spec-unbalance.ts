import type {Problem} from '../../../errors.ts'
import {type SpecOf, switchField} from '../../../spec/field.ts'
import {whereFields} from '../spec-where.ts'
import {localityBalanceFields} from './spec.ts'

/** The fields of `mesh locality unbalance`. */
export const localityUnbalanceFields = {
  hosts: {...localityBalanceFields.hosts, about: 'hosts that lose the settings of locality balance'},
  all: {...switchField({flag: 'all', about: 'all hosts in the record', perRun: true}), excludes: ['hosts']},
  ...whereFields,
}

/** The Spec of `mesh locality unbalance`. */
export type LocalityUnbalance = SpecOf<typeof localityUnbalanceFields>

/** Cross-field validation. */
export function validateLocalityUnbalance({hosts, all}: LocalityUnbalance): Problem[] {
  if (hosts.length > 0 || all) return []
  return [{message: 'no host specified', hints: ['add HOST…, or --all']}]
}
