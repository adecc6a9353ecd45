import {formatTable} from '../../terminal/output/table.ts'
import {dumpYaml} from '../../text/yaml.ts'
import type {ExtAuthz} from './istio.ts'
import type {Provider} from './objects.ts'

/** One authorizer as `mesh authz list` shows it. */
export interface AuthorizerRow extends Omit<ExtAuthz, 'timeout' | 'failOpen'> {
  timeout: string
  fail: 'open' | 'closed'
  /** `mesh-config`, `shared-config`, `envoy-filter`; `nowhere` for a policy whose provider is missing. */
  from: string
  /** `namespace/name` of the policies or filters. */
  usedBy: string[]
  /** Made by this command. */
  ours: boolean
}

/** The authorizers of a control plane as a table or as data. */
export function formatAuthorizers(
  rows: readonly AuthorizerRow[],
  format: 'json' | 'yaml' | 'wide' | undefined,
): string {
  if (format === 'json') return `${JSON.stringify(rows, null, 2)}\n`
  if (format === 'yaml') return dumpYaml(JSON.parse(JSON.stringify(rows)))
  const wide = format === 'wide'
  return formatTable(
    ['name', 'type', 'service', 'fails', 'used by', 'from', ...(wide ? ['timeout', 'made by'] : [])],
    rows.map(row => [
      row.name,
      row.from === 'nowhere' ? '-' : row.type,
      row.service === '' ? '-' : `${row.service}:${row.port}`,
      row.from === 'nowhere' ? 'denies all' : row.fail,
      row.usedBy.join(', ') || '-',
      row.from,
      ...(wide ? [row.timeout, row.ours ? 'kubectl mesh' : 'others'] : []),
    ]),
  )
}

/**
 * The value that keeps a provider through upgrades, as YAML: all providers, since Helm and istioctl replace lists.
 *
 * @param live `extensionProviders` as they are
 * @param provider undefined: the one of `name` goes
 */
export function formatHelmValues(live: readonly unknown[], name: string, provider: Provider | undefined): string {
  return dumpYaml({meshConfig: {extensionProviders: withProvider(live, name, provider)}})
}

/** The same for the Sail operator: a patch of its resource `Istio`. */
export function formatSailPatch(
  istio: string,
  live: readonly unknown[],
  name: string,
  provider: Provider | undefined,
): string {
  return dumpYaml({
    apiVersion: 'sailoperator.io/v1',
    kind: 'Istio',
    metadata: {name: istio},
    spec: {values: {meshConfig: {extensionProviders: withProvider(live, name, provider)}}},
  })
}

function withProvider(live: readonly unknown[], name: string, provider: Provider | undefined): unknown[] {
  const isNamed = (one: unknown) => (one as {name?: unknown} | null)?.name === name
  if (!provider) return live.filter(one => !isNamed(one))
  return live.some(isNamed) ? live.map(one => (isNamed(one) ? provider : one)) : [...live, provider]
}
