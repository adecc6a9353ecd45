import {goDuration, parseDurationField} from '../../../spec/durations.ts'
import {convertedField, type SpecOf} from '../../../spec/field.ts'
import {dayMs} from '../../../text/duration.ts'
import {caChangeFields, validateCaChange} from '../change/spec.ts'
import {caIssueFields} from '../spec.ts'

/** Fields of `mesh ca renew`. */
export const caRenewFields = {
  ...caChangeFields,
  expiresWithin: convertedField<number>({
    flag: 'expires-within',
    about: 'renew intermediate CAs that expire within this time',
    valueName: 'DURATION',
    convert: parseDurationField({atLeast: '0s', atMost: '876000h'}),
    fallback: 30 * dayMs,
    fallbackText: '720h',
    format: goDuration,
  }),
  keyType: caIssueFields.keyType,
  days: caIssueFields.days,
}

/** The validated input of `mesh ca renew`. */
export type CaRenew = SpecOf<typeof caRenewFields>

/** Cross-field validation. */
export const validateCaRenew = validateCaChange
