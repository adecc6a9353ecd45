import {formatTable} from '../../terminal/output/table.ts'
import {dumpYaml} from '../../text/yaml.ts'

/** One tenant, as `tenant list` shows it. */
export interface TenantRow {
  tenant: string
  namespace: string
  revision: string
  version: string | undefined
  /** Pods of istiod: how many are ready, of how many. */
  ready: number
  replicas: number
  /** What made it: `istioctl`, `helm`, `sail`, `none`, or undefined for others than us. */
  via: string | undefined
  /** Its selector label, `KEY=VALUE`. */
  selector: string | undefined
  /** Its application namespaces. */
  namespaces: string[]
  /** Pods in these. */
  pods: number
  /** Proxies that get their configuration from its istiod, `NAMESPACE/POD`. */
  proxies: string[]
}

/** Proxies that talk to an istiod that no tenant has. */
export interface StrayProxy {
  proxy: string
  istiod: string
}

/** The tenants for people (`wide` names selector and namespaces), or as data. */
export function formatTenants(
  rows: readonly TenantRow[],
  format: 'json' | 'yaml' | 'wide' | undefined,
  strays: readonly StrayProxy[] = [],
): string {
  const data = {tenants: rows, ...(strays.length > 0 ? {strayProxies: strays} : {})}
  if (format === 'json') return `${JSON.stringify(data, null, 2)}\n`
  if (format === 'yaml') return dumpYaml(JSON.parse(JSON.stringify(data)))
  const wide = format === 'wide'
  const heads = ['tenant', 'system namespace', 'revision', 'version', 'ready', 'namespaces', 'pods', 'proxies']
  const table = formatTable(
    [...heads, ...(wide ? ['selector', 'via', 'its namespaces'] : [])],
    rows.map(row => [
      row.tenant,
      row.namespace,
      row.revision,
      row.version ?? '–',
      `${row.ready}/${row.replicas}`,
      String(row.namespaces.length),
      String(row.pods),
      String(row.proxies.length),
      ...(wide ? [row.selector ?? '–', row.via ?? '–', row.namespaces.join(',') || '–'] : []),
    ]),
  )
  return table + strays.map(({proxy, istiod}) => `‼ ${proxy} talks to ${istiod}, which is no tenant's\n`).join('')
}
