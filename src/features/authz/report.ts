import {ageText, type Listing} from '../../terminal/list/listing.ts'
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
  /** When the oldest of its policies or filters was created. */
  created: string | undefined
}

/** The authorizers as a listing. */
export function authorizerListing(rows: readonly AuthorizerRow[], now: Date): Listing<AuthorizerRow> {
  return {
    rows,
    columns: [
      {head: 'name', cell: ({name}) => name},
      {head: 'type', cell: row => (exists(row) ? row.type : undefined)},
      {head: 'service', cell: ({service, port}) => (service === '' ? undefined : `${service}:${port}`)},
      {head: 'fails', cell: failText},
      {
        head: 'used by',
        cell: row => [...row.usedBy, ...row.notRead.map(policy => `${policy} (not read)`)].join(', '),
      },
      {head: 'from', cell: row => (exists(row) ? row.from : 'missing')},
      {head: 'age', cell: ({created}) => ageText(created, now)},
      {head: 'timeout', cell: ({timeout}) => timeout, wide: true},
      {head: 'managed by', cell: ({ours}) => (ours ? 'kubectl-mesh' : undefined), wide: true},
    ],
    document: items => items,
    item: dataOf,
    name: ({name}) => `authorizer/${name}`,
    namespaces: ({usedBy, notRead}) => [...usedBy, ...notRead].map(policy => policy.split('/')[0]!),
    state: row => (failText(row) === 'denies all' ? 'error' : row.notRead.length > 0 ? 'warning' : undefined),
  }
}

function exists({from}: AuthorizerRow): boolean {
  return from !== 'nowhere'
}

function failText(row: AuthorizerRow): string | undefined {
  if (exists(row)) return row.fail
  return row.usedBy.length === 0 && row.notRead.length > 0 ? undefined : 'denies all'
}

/** Durations are seconds for programs; null if the mesh config has none, or one that is no duration. */
function dataOf({timeout, created, ...row}: AuthorizerRow) {
  const ms = parseDuration(timeout)
  return {...row, timeoutSeconds: ms === undefined ? null : ms / 1000, created: created ?? null}
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
