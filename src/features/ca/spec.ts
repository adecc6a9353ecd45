import type {Problem} from '../../errors.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {
  choiceField,
  convertedField,
  FieldProblem,
  listField,
  type SpecOf,
  switchField,
  textField,
} from '../../spec/field.ts'
import {dnsLabel} from '../../spec/texts.ts'

const keyType = choiceField({
  flag: 'key-type',
  about: 'kind of the private key',
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

const dir = textField({flag: 'dir', about: 'the CA folder', valueName: 'DIR', fallbackText: 'mesh-ca'})

/** All that `mesh ca init` can be told. */
export const caInitFields = {
  dir,
  commonName: textField({
    flag: 'common-name',
    about: 'common name of the root',
    valueName: 'NAME',
    fallbackText: 'Root CA',
  }),
  organization: textField({
    flag: 'organization',
    about: 'organisation of the root',
    valueName: 'NAME',
    fallbackText: 'Istio',
  }),
  keyType,
  days: daysField('how long the root is valid', '3650'),
}

export type CaInit = SpecOf<typeof caInitFields>

/** All that `mesh ca issue` can be told. */
export const caIssueFields = {
  dir,
  cluster: listField({
    flag: 'cluster',
    about: 'clusters to issue an intermediate for',
    valueName: 'NAME,NAME',
    check: dnsLabel,
  }),
  rootCert: textField({
    flag: 'root-cert',
    about: "certificate of your organisation's CA that signs, then those above it",
    valueName: 'FILE',
  }),
  rootKey: textField({
    flag: 'root-key',
    about: 'private key of --root-cert; it is read and not stored',
    valueName: 'FILE',
  }),
  systemNamespace: commonFields.systemNamespace,
  keyType,
  days: daysField('how long the intermediates are valid', '365, or as long as the root'),
  renew: switchField({flag: 'renew', about: 'put a new intermediate, with a new key, in the place of the old one'}),
}

export type CaIssue = SpecOf<typeof caIssueFields>

/** What one field alone can't tell. */
export function caIssueProblems(spec: CaIssue): Problem[] {
  const problems: Problem[] = []
  if (spec.cluster.length === 0)
    problems.push({message: '--cluster is missing: for which clusters?', hints: ['--cluster east,west']})
  if ((spec.rootCert === undefined) !== (spec.rootKey === undefined))
    problems.push({message: '--root-cert and --root-key go together', hints: ['without both, the root of --dir signs']})
  return problems
}

/** All that `mesh ca status` can be told. */
export const caStatusFields = {
  dir: {...dir, about: 'the CA folder to compare with', fallbackText: 'none'},
  contexts: {...commonFields.contexts, about: 'kubeconfig contexts of the clusters to look at'},
  clusterName: commonFields.clusterName,
  systemNamespace: commonFields.systemNamespace,
  revision: commonFields.revision,
}

export type CaStatus = SpecOf<typeof caStatusFields>

/** What one field alone can't tell. */
export function caStatusProblems(spec: CaStatus): Problem[] {
  return spec.contexts.length > 0 || spec.dir !== undefined
    ? []
    : [{message: 'nothing to look at', hints: ['--contexts east,west, or --dir mesh-ca, or both']}]
}
