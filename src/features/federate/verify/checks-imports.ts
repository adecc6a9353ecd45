import {isIP} from 'node:net'
import {isDeepStrictEqual} from 'node:util'
import type {Finding} from '../../../findings/check.ts'
import {buildServiceImport, type Exporter, globalHost, type ServiceImport} from '../../../mesh/services/objects.ts'
import {offersOf} from '../../../mesh/services/offers.ts'
import type {MeshPort} from '../../../mesh/services/ports.ts'
import type {ExportingCluster} from '../../../mesh/services/read.ts'
import {type ParsedImport, parseImports} from '../../../mesh/services/read-imports.ts'
import {shellWord} from '../../../spec/read.ts'
import {federationFields} from '../spec.ts'
import type {SeenCluster} from './read.ts'

type Said = Omit<Finding, 'cluster'>

/**
 * Where what a cluster imports is not what `mesh service export` would write now. Only exporters that were looked at can
 * tell; of the others nothing is said.
 *
 * @param flags that say which control planes: `--revision`, `1-30`
 */
export function findStaleImports(me: SeenCluster, all: readonly SeenCluster[], flags: readonly string[]): Said[] {
  const {imports, problems} = parseImports(me.member.facts?.imports ?? [])
  return [
    ...problems,
    ...imports.flatMap(told => {
      const exporting = all.flatMap(other =>
        other.exporting && Object.hasOwn(told.imported.exporters, other.exporting.name) ? [other.exporting] : [],
      )
      const commandOf = (verb: 'export' | 'unexport', {context}: ExportingCluster) =>
        commandFor(verb, told.imported, {from: context, to: me.member.context}, flags)
      return [
        ...exporting.flatMap(exporter => findDifferences(told.imported, exporter, verb => commandOf(verb, exporter))),
        ...exporting.slice(0, 1).flatMap(exporter => findEdits(told, commandOf('export', exporter))),
      ]
    }),
  ]
}

/** Whether proxies have the endpoints of an import as they stand in it: names are resolved by the proxies. */
export function hasFixedEndpoints({exporters}: ServiceImport): boolean {
  return Object.values(exporters).every(({addresses}) => addresses.every(address => isIP(address)))
}

function findDifferences(
  imported: ServiceImport,
  exporting: ExportingCluster,
  commandOf: (verb: 'export' | 'unexport') => string,
): Said[] {
  const {name, namespace} = imported
  const {name: cluster} = exporting
  const host = globalHost(imported)
  const before = imported.exporters[cluster]!
  const services = exporting.services.filter(({metadata}) => metadata.name === name && metadata.namespace === namespace)
  if (services.length === 0)
    return [
      {
        message: `${host} leads to ${cluster}, and there is no Service ${namespace}/${name} any more`,
        hints: [commandOf('unexport')],
      },
    ]
  const known = new Map([[host, before.identities]])
  const {offers, refusals} = offersOf({...exporting, services}, before.clusterDomain, known)
  const again = commandOf('export')
  return [
    ...refusals.map(({reason, hint}) => ({
      message: `${cluster} can't export ${host} any more: Service ${namespace}/${name} ${reason}`,
      hints: [hint, `then ${again}`],
    })),
    ...offers
      .flatMap(({exporter: now}) => [
        placesDiffer(host, cluster, before, now),
        identitiesDiffer(host, cluster, before, now),
        portsDiffer(host, cluster, before, now),
      ])
      .flatMap(message => (message === undefined ? [] : [{message, hints: [again]}])),
  ]
}

function placesDiffer(host: string, cluster: string, before: Exporter, now: Exporter): string | undefined {
  const textOf = ({addresses, port}: Exporter) =>
    listOf(addresses.map(address => (before.port === now.port ? address : `${address} port ${port}`)))
  if (textOf(before) === textOf(now)) return undefined
  return `${host} still leads to ${textOf(before)}, and the gateway of ${cluster} is at ${textOf(now)}`
}

function identitiesDiffer(host: string, cluster: string, before: Exporter, now: Exporter): string | undefined {
  const accepted = new Set(before.identities)
  const needed = new Set(now.identities)
  const short = shortener([...accepted, ...needed])
  const textOf = (identities: ReadonlySet<string>) => listOf([...identities].map(short))
  if (!needed.isSubsetOf(accepted))
    return `${host} accepts only ${textOf(accepted)}, and its pods in ${cluster} are ${textOf(needed)}`
  if (accepted.isSubsetOf(needed)) return undefined
  return `${host} still accepts ${textOf(accepted.difference(needed))}, and its pods in ${cluster} are ${textOf(needed)}`
}

/** `sa/NAME` says enough where trust domain and namespace are the same. */
function shortener(identities: readonly string[]): (identity: string) => string {
  const startOf = (identity: string) => identity.slice(0, identity.lastIndexOf('/sa/') + 1)
  const starts = new Set(identities.map(startOf))
  return identity => (starts.size === 1 ? identity.slice(startOf(identity).length) : identity)
}

function portsDiffer(host: string, cluster: string, before: Exporter, now: Exporter): string | undefined {
  // a port's name is of no consequence there: it is called by its number
  const textOf = (ports: readonly MeshPort[]) =>
    listOf(ports.map(({number, protocol}) => (protocol === undefined ? `${number}` : `${number}/${protocol}`)))
  if (textOf(before.ports) === textOf(now.ports)) return undefined
  return `${host} offers the ports ${textOf(before.ports)} of ${cluster}, and the Service there has ${textOf(now.ports)}`
}

/** What somebody else wrote into a ServiceEntry, so that it is not what its annotation says. */
function findEdits({entry, imported}: ParsedImport, again: string): Said[] {
  const place = {cluster: '', systemNamespace: '', revision: undefined}
  const built = buildServiceImport(place, imported).find(({object}) => object.kind === 'ServiceEntry')!.object
  const wanted = built.spec as Record<string, unknown>
  const live = (entry.spec ?? {}) as Record<string, unknown>
  const edited = Object.keys(wanted).filter(field => !isDeepStrictEqual(live[field], wanted[field]))
  if (edited.length === 0) return []
  return [
    {
      message: `ServiceEntry ${globalHost(imported)} was changed since the export: ${edited.join(', ')}`,
      hints: [`${again} --force-conflicts`],
    },
  ]
}

function commandFor(
  verb: 'export' | 'unexport',
  {name, namespace, exporters}: ServiceImport,
  contexts: {from: string; to: string},
  flags: readonly string[],
): string {
  const domain = Object.values(exporters)[0]!.clusterDomain
  const words = [
    ...['mesh', 'service', verb, name, '-n', namespace, '--contexts', contexts.from, '--to', contexts.to],
    ...(verb === 'unexport' || domain === federationFields.clusterDomain.fallback ? [] : ['--cluster-domain', domain]),
    ...flags,
  ]
  return ['kubectl', ...words].map(shellWord).join(' ')
}

function listOf(texts: readonly string[]): string {
  return [...texts].sort().join(', ')
}
