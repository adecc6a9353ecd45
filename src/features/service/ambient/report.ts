import type {Outcome} from '../../../engine/plan/apply.ts'
import type {Problem} from '../../../errors.ts'
import {globalServiceLabel} from '../../../istio/ambient.ts'
import {formatTable} from '../../../terminal/output/table.ts'
import {someOf} from '../../../text/count.ts'
import {dumpYaml} from '../../../text/yaml.ts'
import {readSharedRecord} from './objects-record.ts'
import type {ClusterSharing} from './plan.ts'

/**
 * Formats the results of a change: one row per Service and cluster. The result is `removed` if the Service is shared with no cluster
 * any more.
 *
 * @param format undefined for a table
 */
export function formatSharingReport(
  clusters: readonly ClusterSharing[],
  outcomes: readonly Outcome[],
  format: string | undefined,
): string {
  const rows = clusters
    .flatMap(({sharing: {name: cluster}, after}) =>
      [...after].map(([service, sharedWith]) => {
        const own = outcomes.filter(one => one.cluster === cluster && isOf(one, service))
        const results = new Set(own.map(({result}) => result))
        const worst = (['failed', 'not tried', 'ok'] as const).find(result => results.has(result))
        const done = sharedWith.length === 0 ? 'removed' : 'ok'
        return {service, cluster, sharedWith: [...sharedWith], result: worst === 'ok' ? done : (worst ?? 'unchanged')}
      }),
    )
    .sort((a, b) => (a.service + a.cluster < b.service + b.cluster ? -1 : 1))
  if (format === 'json') return `${JSON.stringify({services: rows}, null, 2)}\n`
  if (format === 'yaml') return dumpYaml({services: rows})
  return `\n${formatTable(
    ['service', 'cluster', 'shared with', 'result'],
    rows.map(({service, cluster, sharedWith, result}) => [service, cluster, sharedWith.join(',') || '-', result]),
  )}`
}

function isOf({step: {ref}}: Outcome, service: string): boolean {
  return ref.kind === 'Service' && `${ref.namespace}/${ref.name}` === service
}

/** What a run creates in clusters that only have clients, one line per cluster. */
export function stubTexts(clusters: readonly ClusterSharing[]): string[] {
  return clusters.flatMap(({sharing: {name, services}, stubs, newNamespaces}) => {
    const created = stubs.map(stub => `${stub.namespace}/${stub.name}`).filter(key => !services.has(key))
    if (created.length === 0) return []
    const namespaces = newNamespaces.length > 0 ? ` and namespace ${newNamespaces.join(', ')}` : ''
    return [
      `${name}: this run creates Service ${someOf(created)}${namespaces}, without pods: clients here need its name and address`,
    ]
  })
}

/**
 * Returns problems for Services that two clusters still share after a removal: the label of both stays, for other clusters or by their
 * owners.
 *
 * @param exporters names of the clusters that stop exporting
 * @param importers names of the clusters that stop importing
 */
export function stillShared(
  clusters: readonly ClusterSharing[],
  exporters: ReadonlySet<string>,
  importers: ReadonlySet<string>,
): Problem[] {
  const keys = new Set(clusters.flatMap(({after}) => [...after.keys()]))
  return [...keys].sort().flatMap(key => {
    const still = clusters.filter(one => keepsLabel(one, key)).map(({sharing}) => sharing.name)
    const others = still.filter(name =>
      still.some(other => other !== name && isPair(name, other, exporters, importers)),
    )
    if (others.length === 0) return []
    return [
      {
        message: `Service ${key}: ${others.join(' and ')} still use each other's pods, because the label ${globalServiceLabel}=true of both stays, for other clusters or by its owner`,
        hints: ['kubectl mesh service list shows the clusters that share a Service'],
      },
    ]
  })
}

function isPair(a: string, b: string, exporters: ReadonlySet<string>, importers: ReadonlySet<string>): boolean {
  return (exporters.has(a) && importers.has(b)) || (exporters.has(b) && importers.has(a))
}

/** Whether a Service has the label after the change. */
function keepsLabel({sharing, after}: ClusterSharing, key: string): boolean {
  const service = sharing.services.get(key)
  if (!service) return false
  const peers = after.get(key)
  if (peers === undefined || peers.length > 0) return service.metadata.labels?.[globalServiceLabel] === 'true'
  return readSharedRecord(service)?.former === 'true'
}
