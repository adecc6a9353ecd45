import type {Problem} from '../../errors.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {
  choiceField,
  convertedField,
  FieldProblem,
  listField,
  type SpecOf,
  switchField,
  type TextCheck,
  textField,
} from '../../spec/field.ts'
import {dnsLabel} from '../../spec/texts.ts'
import {count} from '../../text/count.ts'

/** Field of commands that create a key. */
export const keyType = choiceField({
  flag: 'key-type',
  about: 'type of the private key',
  options: ['ecdsa-p256', 'rsa-4096'],
  fallback: 'ecdsa-p256',
})

function daysField(about: string, fallbackText: string) {
  return convertedField<number | undefined>({
    flag: 'days',
    about,
    valueName: 'N',
    convert: text => {
      const days = Number(text)
      if (!/^\d+$/.test(text) || days < 1 || days > 36_500)
        throw new FieldProblem(`${text} is not a number of days (1 to 36500)`)
      return days
    },
    fallback: undefined,
    fallbackText,
  })
}

/**
 * An attribute of the subject of a CA: 1 to 64 characters (RFC 5280, ub-common-name), without control characters. Programs
 * that print or parse names (RFC 4514) read `#` at the beginning as hexadecimal data.
 */
export const subjectAttribute: TextCheck = text => {
  const length = [...text].length
  if (length < 1 || length > 64) return `has ${count(length, 'character')}; expected 1 to 64`
  if (/\p{Cc}/u.test(text)) return 'contains a control character'
  return text.startsWith('#') ? 'begins with #, which marks hexadecimal data in the name of a certificate' : undefined
}

/** The CA folder. */
export const dir = textField({flag: 'dir', about: 'CA folder', valueName: 'DIR', fallbackText: 'mesh-ca'})

/** Fields of `mesh ca init`. */
export const caInitFields = {
  dir,
  commonName: textField({
    flag: 'common-name',
    about: 'common name of the root',
    valueName: 'NAME',
    check: subjectAttribute,
    fallbackText: 'Root CA',
  }),
  organization: textField({
    flag: 'organization',
    about: 'organization of the root',
    valueName: 'NAME',
    check: subjectAttribute,
    fallbackText: 'Istio',
  }),
  keyType,
  days: daysField('validity of the root in days', '3650'),
}

/** Fields of `mesh ca issue`. */
export const caIssueFields = {
  dir,
  cluster: listField({
    flag: 'cluster',
    about: 'names of the clusters to issue an intermediate CA for',
    valueName: 'NAME,NAME',
    check: dnsLabel,
  }),
  rootCert: textField({
    flag: 'root-cert',
    about: 'PEM file with the signing CA of your organization, followed by the certificates above it',
    valueName: 'FILE',
  }),
  rootKey: textField({
    flag: 'root-key',
    about: 'PEM file with the private key of --root-cert; it is not stored',
    valueName: 'FILE',
  }),
  systemNamespace: commonFields.systemNamespace,
  keyType,
  days: daysField('validity of the intermediate CAs in days', '365, or fewer if the root ends sooner'),
  renew: switchField({flag: 'renew', about: 'replace existing intermediate CAs and their keys'}),
}

/** The validated input of `mesh ca issue`. */
export type CaIssue = SpecOf<typeof caIssueFields>

/** Cross-field validation. */
export function validateCaIssue({cluster, rootCert, rootKey}: CaIssue): Problem[] {
  const problems: Problem[] = []
  if (cluster.length === 0) problems.push({message: '--cluster is required', hints: ['--cluster east,west']})
  if ((rootCert === undefined) !== (rootKey === undefined))
    problems.push({
      message: '--root-cert and --root-key must be set together',
      hints: ['omit both to sign with the root in --dir'],
    })
  return problems
}

/** Fields of `mesh ca status`. */
export const caStatusFields = {
  dir: {...dir, about: 'CA folder to compare with', fallbackText: 'none'},
  contexts: {
    ...commonFields.contexts,
    about: 'kubeconfig contexts of the clusters to compare',
    fallbackText: 'none with --dir; otherwise the clusters in the record of the current cluster',
  },
  clusterName: commonFields.clusterName,
  systemNamespace: commonFields.systemNamespace,
  revision: commonFields.revision,
}

/** The validated input of `mesh ca status`. */
export type CaStatus = SpecOf<typeof caStatusFields>
