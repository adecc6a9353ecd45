import {renderFields, setProblems} from '../../control-plane/spec.ts'
import type {Problem} from '../../errors.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {choiceField, type SpecOf, textField} from '../../spec/field.ts'
import type {RawSpec} from '../../spec/read.ts'
import {dnsLabel, dnsName, labelValue} from '../../spec/texts.ts'

/** For fields that describe the place of the record. */
const notStored = {perRun: true} as const

const systemNamespace = {...commonFields.systemNamespace, ...notStored}
const revision = {
  ...textField({
    flag: 'revision',
    about: 'revision of the control plane, such as the version: 1-31-0',
    valueName: 'REV',
    check: dnsLabel,
    fallbackText: 'a control plane without a revision',
  }),
  ...notStored,
}

/** The fields of `mesh install` and of the mesh file `ControlPlane`. */
export const installFields = {
  via: choiceField({
    flag: 'via',
    about: 'tool that renders the control plane; sail: create a resource of the Sail operator',
    options: ['istioctl', 'helm', 'sail'],
    fallback: 'istioctl',
  }),
  systemNamespace,
  revision,
  meshId: textField({
    flag: 'mesh-id',
    about: 'mesh ID; the same in all clusters that join later',
    valueName: 'ID',
    check: labelValue,
    fallbackText: 'the current one, else none',
  }),
  clusterName: textField({
    flag: 'cluster-name',
    about: 'name of the cluster in the mesh',
    valueName: 'NAME',
    check: dnsLabel,
    fallbackText: 'the current one, else the last part of the context name',
  }),
  network: textField({
    flag: 'network',
    about: 'network of the cluster',
    valueName: 'NET',
    check: labelValue,
    fallbackText: 'the current one, else none',
  }),
  trustDomain: {
    ...textField({
      flag: 'trust-domain',
      about: 'trust domain of workload identities',
      valueName: 'DOMAIN',
      check: dnsName,
      fallbackText: 'the current one, else cluster.local',
    }),
    risk: (before: string | undefined, after: string | undefined) =>
      before === after
        ? undefined
        : `the trust domain changes from ${before ?? 'cluster.local'} to ${after ?? 'cluster.local'}: policies that name identities no longer match the same workloads`,
  },
  profile: renderFields.profile,
  set: renderFields.set,
  values: renderFields.values,
  istioctl: {...renderFields.istioctl, onlyWith: {via: ['istioctl']}, perRun: true as const},
  chart: {...renderFields.chart, onlyWith: {via: ['helm']}},
  chartVersion: {...renderFields.chartVersion, onlyWith: {via: ['helm']}},
}

/** A validated request for a control plane. */
export type Install = SpecOf<typeof installFields>

/** The input as flags and answers give it. */
export type RawInstall = RawSpec<typeof installFields>

/** Cross-field validation. */
export function validateInstall({set}: Pick<Install, 'set'>): Problem[] {
  return setProblems(set)
}

/** The fields of `mesh install remove`. */
export const installRemoveFields = {systemNamespace, revision}
