import {formatTable} from '../../terminal/output/table.ts'
import {parseDuration} from '../../text/duration.ts'
import {dumpYaml} from '../../text/yaml.ts'
import type {ExtAuthz} from './istio.ts'
import type {Provider} from './objects.ts'
import type {AuthzAttach} from './spec.ts'

/** One authorizer of `mesh authz list`. The keys are those of `-o json`, which has `timeoutSeconds` for `timeout`. */
export interface AuthorizerRow extends Omit<ExtAuthz, 'timeout' | 'failOpen'> {
  timeout: string
  fail: 'open' | 'closed'
  /** `mesh-config`, `shared-config`, `envoy-filter`, or `nowhere` for a policy whose provider does not exist. */
  from: string
  /** `namespace/name` of the policies or filters. */
  usedBy: string[]
  /** `namespace/name` of the policies that carry the label of another revision, so that this istiod does not read them. */
  notRead: string[]
  /** Created by kubectl-mesh. */
  ours: boolean
}

/** Formats authorizers as a table, or as JSON or YAML. */
export function formatAuthorizers(
  rows: readonly AuthorizerRow[],
  format: 'json' | 'yaml' | 'wide' | undefined,
): string {
  if (format === 'json') return `${JSON.stringify(rows.map(dataOf), null, 2)}\n`
  if (format === 'yaml') return dumpYaml(JSON.parse(JSON.stringify(rows.map(dataOf))))
  const wide = format === 'wide'
  return formatTable(
    ['name', 'type', 'service', 'fails', 'used by', 'from', ...(wide ? ['timeout', 'managed by'] : [])],
    rows.map(row => [...cellsOf(row), ...(wide ? [row.timeout, row.ours ? 'kubectl-mesh' : '-'] : [])]),
  )
}

/** Durations are seconds for programs; null if the mesh config has none, or one that is no duration. */
function dataOf({timeout, ...row}: AuthorizerRow) {
  const ms = parseDuration(timeout)
  return {...row, timeoutSeconds: ms === undefined ? null : ms / 1000}
}

function cellsOf(row: AuthorizerRow): string[] {
  const exists = row.from !== 'nowhere'
  const users = [...row.usedBy, ...row.notRead.map(policy => `${policy} (not read)`)]
  return [
    row.name,
    exists ? row.type : '-',
    row.service === '' ? '-' : `${row.service}:${row.port}`,
    exists ? row.fail : row.usedBy.length === 0 && row.notRead.length > 0 ? '-' : 'denies all',
    users.join(', ') || '-',
    exists ? row.from : 'missing',
  ]
}

/** A change of `extensionProviders` that the user applies. */
export interface ProviderChange {
  via: AuthzAttach['via'] | undefined
  /** Name of the provider. */
  name: string
  revision: string | undefined
  /** The present `extensionProviders`. */
  live: readonly unknown[]
  /** Undefined to remove the provider. */
  provider: Provider | undefined
}

/**
 * The values that set `extensionProviders`, as YAML: a patch of the resource `Istio` for the Sail operator, else Helm
 * values. They contain all providers, because Helm and istioctl replace lists.
 */
export function formatProviderValues(change: ProviderChange): string {
  const values = {meshConfig: {extensionProviders: providersAfter(change)}}
  if (change.via !== 'sail') return dumpYaml(values)
  return dumpYaml({
    apiVersion: 'sailoperator.io/v1',
    kind: 'Istio',
    metadata: {name: change.revision ?? 'default'},
    spec: {values},
  })
}

/** The lines of values, indented below a message. */
export function indentedLines(values: string): string[] {
  return values
    .trimEnd()
    .split('\n')
    .map(line => `    ${line}`)
}

function providersAfter({name, live, provider}: ProviderChange): unknown[] {
  const isNamed = (one: unknown) => (one as {name?: unknown} | null)?.name === name
  if (!provider) return live.filter(one => !isNamed(one))
  return live.some(isNamed) ? live.map(one => (isNamed(one) ? provider : one)) : [...live, provider]
}
