import type {Problem} from '../../errors.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {
  choiceField,
  type Field,
  FieldProblem,
  listField,
  mapField,
  type Raw,
  type SpecOf,
  switchField,
  textField,
} from '../../spec/field.ts'
import {dnsLabel, dnsName, labelValue} from '../../spec/texts.ts'
import {localityLabels} from './istio.ts'
import {placePattern, placeText, regionText} from './spec-texts.ts'

/** Where the requests of one place go, in percent. */
export interface Distribution {
  from: string
  to: Record<string, number>
}

const distributeField: Field<Distribution[]> = {
  kind: 'list',
  flag: 'distribute',
  about: 'share of the requests from a place that each place gets, in percent; may be repeated',
  valueName: 'FROM=TO:WEIGHT,TO:WEIGHT',
  fallback: [],
  parse: raw => distributionsOf(raw).map(checkedDistribution),
  format: all => all.map(formatDistribution),
}

/** As the flag says it. */
export function formatDistribution({from, to}: Distribution): string {
  const parts = Object.entries(to).map(([place, weight]) => `${place}:${weight}`)
  return `${from}=${parts.join(',')}`
}

function distributionsOf(raw: Raw): {from: string; to: [string, unknown][]}[] {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw))
    return Object.entries(raw).map(([from, to]) => {
      if (typeof to !== 'object' || to === null || Array.isArray(to))
        throw new FieldProblem(`${from} is no map of places`)
      return {from, to: Object.entries(to)}
    })
  return (Array.isArray(raw) ? raw : [raw]).map(text => {
    const [from, rest, ...more] = String(text).split('=')
    if (!from || !rest || more.length > 0) throw new FieldProblem(`${String(text)} is not FROM=TO:WEIGHT,TO:WEIGHT`)
    return {
      from,
      to: rest.split(',').map(part => {
        const at = part.lastIndexOf(':')
        if (at < 1) throw new FieldProblem(`${String(text)}: ${part} is not TO:WEIGHT`)
        return [part.slice(0, at), part.slice(at + 1)]
      }),
    }
  })
}

function checkedDistribution({from, to}: {from: string; to: [string, unknown][]}): Distribution {
  const seen: Record<string, number> = {}
  for (const [place, raw] of to) {
    const weight = Number(raw)
    const problem = placePattern(place)
    if (problem) throw new FieldProblem(`${from}: ${place} ${problem}`)
    if (!Number.isInteger(weight) || weight < 1 || weight > 100)
      throw new FieldProblem(`${from}: ${place}:${String(raw)} is not a weight from 1 to 100`)
    if (place in seen) throw new FieldProblem(`${from}: ${place} is named twice`)
    seen[place] = weight
  }
  const problem = placePattern(from)
  if (problem) throw new FieldProblem(`${from} ${problem}`)
  const sum = Object.values(seen).reduce((total, weight) => total + weight, 0)
  if (sum !== 100) throw new FieldProblem(`${from}: the weights make ${sum}, not 100`)
  return {from, to: seen}
}

/** A label, or a label with the value that it is compared with. */
function priorityLabel(text: string): string | undefined {
  const [key = '', value, ...more] = text.split('=')
  const slash = key.indexOf('/')
  const [prefix, name] = slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)]
  const fine =
    labelValue(name) === undefined &&
    (prefix === undefined || dnsName(prefix) === undefined) &&
    (value === undefined || labelValue(value) === undefined) &&
    more.length === 0
  return fine ? undefined : 'is not a label, or LABEL=VALUE'
}

/** Which control plane, and where a host without a namespace is. */
const where = {
  namespace: textField({
    flag: 'namespace',
    about: 'namespace of hosts without one',
    valueName: 'NS',
    check: dnsLabel,
    fallbackText: "the context's",
  }),
  systemNamespace: commonFields.systemNamespace,
  revision: {...commonFields.revision, about: 'revision of the control plane'},
  clusterDomain: commonFields.clusterDomain,
}

/** A Service's name, or a host: lower case, may not be a wildcard. */
function hostText(text: string): string | undefined {
  return dnsName(text) === undefined ? undefined : 'is not a host (NAME, NAME.NS.svc or a DNS name)'
}

/** All that `mesh locality balance` can be told. */
export const localityBalanceFields = {
  hosts: {...listField({flag: 'host', about: 'hosts to balance', check: hostText}), argument: true as const},
  ...where,
  failover: mapField({
    flag: 'failover',
    about: 'region that takes over when one has no healthy endpoints left, may be repeated',
    valueName: 'FROM=TO',
    check: regionText,
    checkKey: regionText,
  }),
  failoverPriority: listField({
    flag: 'failover-priority',
    about: 'labels by which endpoints are preferred, the first counts most',
    valueName: 'LABEL[=VALUE]',
    check: priorityLabel,
  }),
  distribute: distributeField,
  preferClose: switchField({
    flag: 'prefer-close',
    about: "prefer the same zone by the Service's trafficDistribution, without a DestinationRule",
  }),
  meshWide: choiceField({
    flag: 'mesh-wide',
    about: 'switch locality balancing of the whole mesh on (with these settings) or off, in the mesh config',
    options: ['keep', 'on', 'off'],
    fallback: 'keep',
  }),
}

/** The Spec of how hosts are balanced. */
export type LocalityBalance = SpecOf<typeof localityBalanceFields>

const topology: readonly string[] = Object.values(localityLabels)

/** What one field alone can't tell; the rules are istiod's (pkg/config/validation, 1.31). */
export function localityBalanceProblems(spec: LocalityBalance): Problem[] {
  const {hosts, failover, failoverPriority, distribute, preferClose, meshWide} = spec
  const said = Object.keys(failover).length > 0 || failoverPriority.length > 0 || distribute.length > 0
  const problems: Problem[] = []
  if (hosts.length === 0 && meshWide === 'keep')
    problems.push({message: 'which hosts?', hints: ['HOST…, or --mesh-wide on']})
  if (distribute.length > 0 && (Object.keys(failover).length > 0 || failoverPriority.length > 0))
    problems.push({
      message: '--distribute excludes --failover and --failover-priority',
      hints: ['what is distributed does not fail over: a place that is not listed gets nothing'],
    })
  if (preferClose && said)
    problems.push({message: '--prefer-close excludes --failover, --failover-priority and --distribute'})
  if (preferClose && hosts.length === 0)
    problems.push({
      message: '--prefer-close is for hosts',
      hints: ['kubectl mesh locality balance HOST --prefer-close'],
    })
  if (meshWide === 'off' && (said || hosts.length > 0)) problems.push({message: '--mesh-wide off goes alone'})
  for (const [from, to] of Object.entries(failover))
    if (from === to) problems.push({message: `--failover ${from}=${to}: a region can't take over for itself`})
  if (Object.keys(failover).length > 0)
    for (const label of failoverPriority.filter(text => topology.includes(text.split('=')[0]!)))
      problems.push({
        message: `--failover and --failover-priority ${label} exclude each other`,
        hints: ['with --failover the place is looked at anyway'],
      })
  problems.push(...overlaps(distribute.map(({from}) => from)))
  for (const {to} of distribute) problems.push(...overlaps(Object.keys(to)))
  return problems
}

/** Places of which one lies in the other. */
function overlaps(places: readonly string[]): Problem[] {
  return places.flatMap((place, at) =>
    places
      .slice(at + 1)
      .filter(other => covers(place, other) || covers(other, place))
      .map(other => ({message: `--distribute: ${place} and ${other} overlap`})),
  )
}

function covers(outer: string, inner: string): boolean {
  const [one, other] = [outer, inner].map(text =>
    text
      .replace(/\/?\*$/, '')
      .split('/')
      .filter(part => part !== ''),
  )
  return one!.every((part, at) => other![at] === part)
}

/** All that `mesh locality status` can be told. */
export const localityStatusFields = {
  host: {
    ...textField({flag: 'host', about: 'host to look at', check: hostText}),
    argument: true as const,
  },
  ...where,
  from: textField({
    flag: 'from',
    about: 'place of the client; without it from every place',
    valueName: 'REGION[/ZONE[/SUBZONE]]',
    check: placeText,
  }),
}

/** The Spec of a look at localities. */
export type LocalityStatus = SpecOf<typeof localityStatusFields>

/** What one field alone can't tell. */
export function localityStatusProblems(spec: LocalityStatus): Problem[] {
  return spec.from !== undefined && spec.host === undefined
    ? [{message: '--from needs a host', hints: ['kubectl mesh locality status HOST --from REGION/ZONE']}]
    : []
}
