import {formatTable} from '../../terminal/output/table.ts'
import {dumpYaml} from '../../text/yaml.ts'
import type {Installed} from './read.ts'

/** One control plane of `mesh install status`. The keys are those of `-o json`. */
interface ControlPlaneRow {
  namespace: string
  revision: string
  version: string | null
  cluster: string | null
  network: string | null
  meshId: string | null
  trustDomain: string
  ready: number
  replicas: number
  /** The tool that manages it; null for istioctl, which leaves no mark. */
  managedBy: string | null
}

/** Formats control planes as a table, or as JSON or YAML. The format `wide` adds the trust domain to the table. */
export function formatControlPlanes(
  installed: readonly Installed[],
  format: 'json' | 'yaml' | 'wide' | undefined,
): string {
  const rows = installed
    .map(rowOf)
    .sort((a, b) => (`${a.namespace} ${a.revision}` < `${b.namespace} ${b.revision}` ? -1 : 1))
  if (format === 'json') return `${JSON.stringify({controlPlanes: rows}, null, 2)}\n`
  if (format === 'yaml') return dumpYaml({controlPlanes: rows})
  const wide = format === 'wide'
  return formatTable(
    [
      'namespace',
      'revision',
      'version',
      'ready',
      'cluster',
      'network',
      'mesh',
      'managed by',
      ...(wide ? ['trust domain'] : []),
    ],
    rows.map(row => [
      row.namespace,
      row.revision,
      row.version ?? '-',
      `${row.ready}/${row.replicas}`,
      row.cluster ?? '-',
      row.network ?? '-',
      row.meshId ?? '-',
      row.managedBy ?? '-',
      ...(wide ? [row.trustDomain] : []),
    ]),
  )
}

function rowOf({controlPlane, via}: Installed): ControlPlaneRow {
  const {namespace, revision, version, cluster, network, meshId, trustDomain, ready, replicas, manager} = controlPlane
  const managedBy = via === undefined ? manager?.name : `kubectl mesh, ${via}`
  return {
    ...{namespace, revision, version: version ?? null, cluster: cluster ?? null, network: network ?? null},
    ...{meshId: meshId ?? null, trustDomain, ready, replicas, managedBy: managedBy ?? null},
  }
}
