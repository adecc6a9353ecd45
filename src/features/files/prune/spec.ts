import type {Problem} from '../../../errors.ts'
import {commonFields} from '../../../spec/common-fields.ts'
import {type SpecOf, textField} from '../../../spec/field.ts'
import {dnsName} from '../../../spec/texts.ts'

/** The kind of document that names the set of its files. */
export const meshSetKind = 'MeshSet'

/** The fields of a set of mesh files. */
export const meshSetFields = {
  name: {
    ...textField({
      flag: 'name',
      about: 'name of the set; --prune removes only documents that a set with this name created',
      valueName: 'SET',
      check: dnsName,
    }),
    argument: true as const,
  },
  contexts: {
    ...commonFields.contexts,
    about: 'kubeconfig contexts in which --prune also searches, such as those of clusters that no other document names',
  },
}

/** Cross-field validation. */
export function validateMeshSet({name}: SpecOf<typeof meshSetFields>): Problem[] {
  return name === undefined ? [{message: 'metadata.name is required: it names the set'}] : []
}
