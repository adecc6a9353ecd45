import {at} from '../../mesh/capacity/spec.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {goDuration, parseDurationField} from '../../spec/durations.ts'
import {choiceField, convertedField, type Field, type SpecOf} from '../../spec/field.ts'
import {dayMs} from '../../text/duration.ts'

const contexts: Field<string[]> = {
  ...commonFields.contexts,
  about: 'kubeconfig contexts of the clusters',
  fallbackText: 'the clusters that the record of the current cluster names',
}

/** The fields of `mesh check`. */
export const checkFields = {
  contexts,
  clusterName: commonFields.clusterName,
  systemNamespace: commonFields.systemNamespace,
  revision: commonFields.revision,
  severity: choiceField({
    flag: 'severity',
    about: 'lowest severity of a finding with which the exit code is 5',
    options: ['error', 'warning'],
    fallback: 'error',
  }),
  within: convertedField<number>({
    flag: 'within',
    about: 'warn about what expires within this time',
    valueName: 'DURATION',
    convert: parseDurationField({atLeast: '1h', atMost: '87600h'}),
    fallback: 30 * dayMs,
    fallbackText: '720h',
    format: goDuration,
  }),
  at,
}

/** The Spec of `mesh check`. `within` is in milliseconds. */
export type CheckSpec = SpecOf<typeof checkFields>

/** The formats of `mesh check`. `table` is the default. */
export const checkFormats = ['table', 'json', 'junit', 'prometheus'] as const

/** One of the formats of `mesh check`. */
export type CheckFormat = (typeof checkFormats)[number]
