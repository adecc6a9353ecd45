import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Problem} from '../../errors.ts'
import {contextName, dnsLabel, ipAddress} from '../../spec/texts.ts'
import {isMap, parseJson} from '../../text/json.ts'
import type {DnsNames} from '../dns/names.ts'
import {entryHosts} from './addresses.ts'
import {commonPorts, type Exporter, exportersAnnotation, globalHost, type ServiceImport} from './objects.ts'
import {exporterProblem} from './validate-exporter.ts'

/** An import with its ServiceEntry. */
export interface ParsedImport {
  entry: KubernetesObject
  imported: ServiceImport
}

/** The imports that some ServiceEntries describe. */
export interface ParsedImports {
  imports: ParsedImport[]
  /** ServiceEntries that kubectl-mesh would not write. */
  invalid: KubernetesObject[]
  /** One for each of `invalid`. */
  problems: Problem[]
}

/** Reads imports from their ServiceEntries. An invalid entry is a problem, and does not affect the others. */
export function parseImports(entries: readonly KubernetesObject[]): ParsedImports {
  const parsed: ParsedImports = {imports: [], invalid: [], problems: []}
  for (const entry of entries) {
    const result = parseImport(entry)
    if (typeof result !== 'string') parsed.imports.push({entry, imported: result})
    else {
      parsed.invalid.push(entry)
      parsed.problems.push(invalidImport(entry, result))
    }
  }
  return parsed
}

/**
 * Returns the names under `.global` of some ServiceEntries with their addresses. This includes entries whose exporters are
 * invalid: clients keep the name until the entry is corrected.
 */
export function dnsNamesOf(entries: readonly KubernetesObject[]): DnsNames {
  const named = entries.map(parseName).filter(name => typeof name !== 'string')
  return new Map(named.map(name => [globalHost(name), name.addresses]))
}

function invalidImport({metadata}: KubernetesObject, problem: string): Problem {
  const {name, namespace} = metadata
  return {
    message: `ServiceEntry ${namespace}/${name} is not a valid import and is ignored: ${problem}`,
    hints: ['delete the ServiceEntry and its DestinationRule of the same name, then export the service again'],
  }
}

/** Returns an import, or why an entry is none. */
function parseImport(entry: KubernetesObject): ServiceImport | string {
  const named = parseName(entry)
  if (typeof named === 'string') return named
  const exporters = parseJson(entry.metadata.annotations?.[exportersAnnotation] ?? '')
  if (!isMap(exporters) || Object.keys(exporters).length === 0)
    return `annotation ${exportersAnnotation} has no exporters`
  const problem = exportersProblem(exporters, named.namespace)
  if (problem !== undefined) return `annotation ${exportersAnnotation}: ${problem}`
  return {...named, exporters: exporters as Record<string, Exporter>}
}

type NamedImport = Omit<ServiceImport, 'exporters'>

/** Returns the name and the addresses of an import, or why an entry has none. */
function parseName(entry: KubernetesObject): NamedImport | string {
  const [host = ''] = entryHosts(entry)
  const [name = '', namespace = '', ...rest] = host.split('.')
  if (rest.join('.') !== 'global' || dnsLabel(name) !== undefined || dnsLabel(namespace) !== undefined)
    return `its host ${inShort(host)} is not NAME.NAMESPACE.global`
  if (entry.metadata.name !== host) return `its host is ${host}; expected its name`
  const {addresses = []} = (entry.spec ?? {}) as {addresses?: unknown}
  if (!Array.isArray(addresses)) return 'its addresses are not a list'
  const invalid: unknown = addresses.find(address => typeof address !== 'string' || ipAddress(address) !== undefined)
  if (invalid !== undefined) return `its address ${inShort(invalid)} is not an IP address`
  return {name, namespace, addresses: addresses as string[]}
}

function exportersProblem(exporters: Record<string, unknown>, namespace: string): string | undefined {
  for (const [cluster, exporter] of Object.entries(exporters)) {
    // Without a name in istiod or in the record, a cluster has the name of its context.
    if (contextName(cluster) !== undefined) return `${inShort(cluster)} is not the name of a cluster`
    const problem = exporterProblem(exporter, namespace)
    if (problem !== undefined) return `exporter ${cluster}: ${problem}`
  }
  const all = exporters as Record<string, Exporter>
  const domains = new Set(Object.values(all).map(({clusterDomain}) => clusterDomain))
  if (domains.size > 1) return `the exporters have different DNS domains (${[...domains].join(', ')})`
  return commonPorts({exporters: all}).length > 0 ? undefined : 'the exporters have no port in common'
}

function inShort(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
