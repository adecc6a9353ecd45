import type {Problem} from '../../../errors.ts'
import {choiceField, listField, mapField, type SpecOf, switchField} from '../../../spec/field.ts'
import {dnsName, labelValue} from '../../../spec/texts.ts'
import {localityLabels} from '../istio.ts'
import {hostText, regionText} from '../spec-texts.ts'
import {whereFields} from '../spec-where.ts'
import {distributeField, overlapProblems} from './spec-distribute.ts'

/** A label, optionally with the value to compare it with: `LABEL` or `LABEL=VALUE`. */
function priorityLabel(text: string): string | undefined {
  const [key = '', ...values] = text.split('=')
  const slash = key.indexOf('/')
  const hasPrefix = slash < 0 || dnsName(key.slice(0, slash)) === undefined
  const isLabel = hasPrefix && labelValue(key.slice(slash + 1)) === undefined
  const hasValue = values.length < 2 && values.every(value => labelValue(value) === undefined)
  return isLabel && hasValue ? undefined : 'is not a label, or LABEL=VALUE'
}

/** The fields of `mesh locality balance`. */
export const localityBalanceFields = {
  hosts: {
    ...listField({flag: 'host', about: 'hosts to balance', check: hostText, perRun: true}),
    argument: true as const,
  },
  ...whereFields,
  failover: mapField({
    flag: 'failover',
    about: 'region that takes over when another has no healthy endpoints; may be repeated',
    valueName: 'FROM=TO',
    check: regionText,
    checkKey: regionText,
  }),
  failoverPriority: listField({
    flag: 'failover-priority',
    about: 'labels to compare with the client, most important first; endpoints with more matches are preferred',
    valueName: 'LABEL[=VALUE]',
    check: priorityLabel,
  }),
  distribute: {...distributeField, excludes: ['failover', 'failoverPriority']},
  preferClose: {
    ...switchField({
      flag: 'prefer-close',
      about: 'prefer endpoints in the same zone, with trafficDistribution of the Service instead of a DestinationRule',
    }),
    excludes: ['failover', 'failoverPriority', 'distribute'],
  },
  meshWide: choiceField({
    flag: 'mesh-wide',
    about:
      'turn locality load balancing on (with these settings) or off in the mesh config, undo that, or keep it as it is',
    options: ['keep', 'on', 'off', 'undo'],
    fallback: 'keep',
    // The mesh config itself keeps the settings of the mesh.
    perRun: true,
  }),
}

/** The Spec of `mesh locality balance`. */
export type LocalityBalance = SpecOf<typeof localityBalanceFields>

/** Cross-field validation. The rules for settings are istiod's (pkg/config/validation, Istio 1.31). */
export function validateLocalityBalance(spec: LocalityBalance): Problem[] {
  return [
    ...hostProblems(spec),
    ...failoverProblems(spec),
    ...overlapProblems(spec.distribute.map(({from}) => from)),
    ...spec.distribute.flatMap(({to}) => overlapProblems(Object.keys(to))),
  ]
}

function hostProblems(spec: LocalityBalance): Problem[] {
  const {hosts, preferClose, meshWide} = spec
  const problems: Problem[] = []
  if (hosts.length === 0 && meshWide === 'keep')
    problems.push({message: 'no host specified', hints: ['add HOST…, or --mesh-wide on']})
  if (hosts.length === 0 && preferClose)
    problems.push({
      message: '--prefer-close requires a host',
      hints: ['kubectl mesh locality balance HOST --prefer-close'],
    })
  if ((meshWide === 'off' || meshWide === 'undo') && (hosts.length > 0 || hasSetting(spec)))
    problems.push({
      message: `--mesh-wide ${meshWide} conflicts with hosts and settings`,
      hints: [`kubectl mesh locality balance --mesh-wide ${meshWide}`],
    })
  return problems
}

/** Whether locality settings are set. */
export function hasSetting({
  failover,
  failoverPriority,
  distribute,
}: Pick<LocalityBalance, 'failover' | 'failoverPriority' | 'distribute'>): boolean {
  return Object.keys(failover).length > 0 || failoverPriority.length > 0 || distribute.length > 0
}

const topologyLabels: readonly string[] = Object.values(localityLabels)

function failoverProblems({failover, failoverPriority}: LocalityBalance): Problem[] {
  const pairs = Object.entries(failover)
  if (pairs.length === 0) return []
  return [
    ...pairs
      .filter(([from, to]) => from === to)
      .map(([from, to]) => ({message: `--failover ${from}=${to}: a region cannot fail over to itself`})),
    ...failoverPriority
      .filter(text => topologyLabels.includes(text.split('=')[0]!))
      .map(label => ({
        message: `--failover conflicts with --failover-priority ${label}`,
        hints: [
          `omit ${label}: --failover already compares localities`,
          'or add --reset failover if an earlier run set it',
        ],
      })),
  ]
}
