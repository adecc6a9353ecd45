import {choiceField, type SpecOf, switchField, textField} from '../../../spec/field.ts'
import {caChangeFields, validateCaChange} from '../change/spec.ts'
import {caInitFields, subjectAttribute} from '../spec.ts'

/** Fields of `mesh ca rotate`. */
export const caRotateFields = {
  ...caChangeFields,
  stage: choiceField({
    flag: 'stage',
    about: 'stage to complete; trust begins a change of the root. next: the one after the last complete stage',
    options: ['next', 'trust', 'issue', 'finish'],
    fallback: 'next',
    excludes: ['revert'],
  }),
  revert: switchField({flag: 'revert', about: 'take the last stage back'}),
  vmsRenewed: switchField({
    flag: 'vms-renewed',
    about: 'confirm that every VM got both roots with vm renew during the stage trust',
  }),
  commonName: textField({
    flag: 'common-name',
    about: 'common name of the new root',
    valueName: 'NAME',
    check: subjectAttribute,
    fallbackText: 'Root CA and the date',
  }),
  organization: caInitFields.organization,
  keyType: caInitFields.keyType,
  days: caInitFields.days,
}

/** The validated input of `mesh ca rotate`. */
export type CaRotate = SpecOf<typeof caRotateFields>

/** Cross-field validation. */
export const validateCaRotate = validateCaChange
