import {isDeepStrictEqual} from 'node:util'
import {buildServiceImport, type Exporter, globalHost, type ServiceImport} from '../../../mesh/services/objects.ts'
import {offersOf} from '../../../mesh/services/offers.ts'
import {type ParsedImport, parseImports} from '../../../mesh/services/parse-import.ts'
import type {MeshPort} from '../../../mesh/services/ports.ts'
import type {ExportingCluster} from '../../../mesh/services/read.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {federationFields} from '../spec.ts'
import type {ObservedCluster} from './read.ts'
import type {CurrentFinding} from './subject.ts'

type Verb = 'export' | 'unexport'

/**
 * Findings for the imports of a cluster that differ from what `mesh service export` would write now. Imports from clusters
 * that are not verified, or not reachable, are not compared.
 *
 * @param flags that select the control planes in hints: `--revision`, `1-30`
 */
export function outdatedImports(
  current: ObservedCluster,
  all: readonly ObservedCluster[],
  flags: readonly string[],
): CurrentFinding[] {
  const {imports, problems} = parseImports(current.member.facts?.imports ?? [])
  return [
    ...problems,
    ...imports.flatMap(parsed => {
      const {imported} = parsed
      const exporters = all.flatMap(({exporting}) =>
        exporting && Object.hasOwn(imported.exporters, exporting.name) ? [exporting] : [],
      )
      const commandOf = (verb: Verb, {context}: ExportingCluster) =>
        serviceCommand(verb, imported, {from: context, to: current.member.context}, flags)
      return [
        ...exporters.flatMap(exporter => exportDifferences(imported, exporter, verb => commandOf(verb, exporter))),
        ...exporters.slice(0, 1).flatMap(exporter => editedFields(parsed, commandOf('export', exporter))),
      ]
    }),
  ]
}

function exportDifferences(
  imported: ServiceImport,
  exporting: ExportingCluster,
  commandOf: (verb: Verb) => string,
): CurrentFinding[] {
  const {name, namespace} = imported
  const {name: cluster} = exporting
  const host = globalHost(imported)
  const before = imported.exporters[cluster]!
  const services = exporting.services.filter(({metadata}) => metadata.name === name && metadata.namespace === namespace)
  if (services.length === 0)
    return [
      {
        message: `${host} is imported from ${cluster}, but Service ${namespace}/${name} no longer exists there`,
        hints: [commandOf('unexport')],
      },
    ]
  const known = new Map([[host, before.identities]])
  const {offers, refusals} = offersOf({...exporting, services}, before.clusterDomain, known)
  const exportAgain = commandOf('export')
  return [
    ...refusals.map(({reason, hint}) => ({
      message: `${cluster} can no longer export ${host}: Service ${namespace}/${name} ${reason}`,
      hints: [hint, `then ${exportAgain}`],
    })),
    ...offers
      .flatMap(({exporter: now}) => [
        addressDifference(host, cluster, before, now),
        identityDifference(host, cluster, before, now),
        portDifference(host, cluster, before, now),
      ])
      .flatMap(message => (message === undefined ? [] : [{message, hints: [exportAgain]}])),
  ]
}

function addressDifference(host: string, cluster: string, before: Exporter, now: Exporter): string | undefined {
  const textOf = ({addresses, port}: Exporter) =>
    sortedList(addresses.map(address => (before.port === now.port ? address : `${address} port ${port}`)))
  if (textOf(before) === textOf(now)) return undefined
  return `${host} points to ${textOf(before)}; the gateway of ${cluster} is at ${textOf(now)}`
}

function identityDifference(host: string, cluster: string, before: Exporter, now: Exporter): string | undefined {
  const accepted = new Set(before.identities)
  const needed = new Set(now.identities)
  const short = shortener([...accepted, ...needed])
  const textOf = (identities: ReadonlySet<string>) => sortedList([...identities].map(short))
  if (!needed.isSubsetOf(accepted))
    return `${host} accepts only ${textOf(accepted)}; its pods in ${cluster} run as ${textOf(needed)}`
  if (accepted.isSubsetOf(needed)) return undefined
  return `${host} still accepts ${textOf(accepted.difference(needed))}; its pods in ${cluster} run as ${textOf(needed)}`
}

/** Shortens SPIFFE identities to `sa/NAME` if all have the same trust domain and namespace. */
function shortener(identities: readonly string[]): (identity: string) => string {
  const startOf = (identity: string) => identity.slice(0, identity.lastIndexOf('/sa/') + 1)
  const starts = new Set(identities.map(startOf))
  return identity => (starts.size === 1 ? identity.slice(startOf(identity).length) : identity)
}

/** Compares ports without their names: importers use the numbers only. */
function portDifference(host: string, cluster: string, before: Exporter, now: Exporter): string | undefined {
  const textOf = (ports: readonly MeshPort[]) =>
    sortedList(ports.map(({number, protocol}) => (protocol === undefined ? `${number}` : `${number}/${protocol}`)))
  if (textOf(before.ports) === textOf(now.ports)) return undefined
  return `${host} has ports ${textOf(before.ports)}; the Service in ${cluster} has ${textOf(now.ports)}`
}

/** A finding if the spec of a ServiceEntry differs from the export that its annotation records. */
function editedFields({entry, imported}: ParsedImport, exportAgain: string): CurrentFinding[] {
  const place = {cluster: '', systemNamespace: '', revision: undefined}
  const built = buildServiceImport(place, imported).find(({object}) => object.kind === 'ServiceEntry')!.object
  const expected = built.spec as Record<string, unknown>
  const live = (entry.spec ?? {}) as Record<string, unknown>
  const edited = Object.keys(expected).filter(field => !isDeepStrictEqual(live[field], expected[field]))
  if (edited.length === 0) return []
  return [
    {
      message: `ServiceEntry ${globalHost(imported)} was edited after the export: ${edited.join(', ')}`,
      hints: [`${exportAgain} --force-conflicts`],
    },
  ]
}

function serviceCommand(
  verb: Verb,
  {name, namespace, exporters}: ServiceImport,
  contexts: {from: string; to: string},
  flags: readonly string[],
): string {
  const domain = Object.values(exporters)[0]!.clusterDomain
  const hasDomain = verb === 'export' && domain !== federationFields.clusterDomain.fallback
  const words = [
    ...['mesh', 'service', verb, name, '-n', namespace, '--contexts', contexts.from, '--to', contexts.to],
    ...(hasDomain ? ['--cluster-domain', domain] : []),
    ...flags,
  ]
  return ['kubectl', ...words].map(shellWord).join(' ')
}

function sortedList(texts: readonly string[]): string {
  return [...texts].sort().join(', ')
}
