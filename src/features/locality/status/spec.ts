import type {Problem} from '../../../errors.ts'
import {type SpecOf, textField} from '../../../spec/field.ts'
import {hostText, localityText} from '../spec-texts.ts'
import {whereFields} from '../spec-where.ts'

/** The fields of `mesh locality status`. */
export const localityStatusFields = {
  host: {...textField({flag: 'host', about: 'host to show', check: hostText}), argument: true as const},
  ...whereFields,
  from: textField({
    flag: 'from',
    about: 'locality of the client',
    valueName: 'REGION[/ZONE[/SUBZONE]]',
    check: localityText,
    fallbackText: 'every locality with nodes',
  }),
}

/** The Spec of `mesh locality status`. */
export type LocalityStatus = SpecOf<typeof localityStatusFields>

/** Cross-field validation. */
export function validateLocalityStatus(spec: LocalityStatus): Problem[] {
  return spec.from !== undefined && spec.host === undefined
    ? [{message: '--from requires a host', hints: ['kubectl mesh locality status HOST --from REGION/ZONE']}]
    : []
}
