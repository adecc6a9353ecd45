import type {ControlPlaneRef} from '../../control-plane/read.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {connect, type ReadRun} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {providerOf} from './istio.ts'
import {isOfAuthorizer} from './objects.ts'
import {readFilter} from './objects-filter.ts'
import {type AuthzFacts, type FoundProvider, readAuthzFacts} from './read.ts'
import {type AuthorizerRow, formatAuthorizers} from './report.ts'
import {authzListFields} from './spec.ts'

/**
 * Shows the authorizers of a control plane and the policies that use them. Only reads.
 *
 * @param context kubeconfig context; '' for the current one
 */
export async function listAuthorizers(
  raw: RawSpec<typeof authzListFields>,
  context: string,
  run: ReadRun,
): Promise<ExitCode> {
  const spec = readSpec(authzListFields, raw)
  const facts = await readAuthzFacts(await connect(run.access, context), spec)
  const rows = rowsOf(facts, spec)
  if (rows.length === 0 && run.output !== 'json' && run.output !== 'yaml') run.terminal.message('no authorizers')
  else run.terminal.print(formatAuthorizers(rows, run.output))
  return exitCodes.ok
}

function rowsOf(facts: AuthzFacts, where: ControlPlaneRef): AuthorizerRow[] {
  const known = facts.providers.map(({name}) => name)
  const used = new Set(facts.policies.map(policy => providerOf(policy) ?? ''))
  const missing = [...used].filter(name => !known.includes(name))
  const filters = facts.filters.filter(filter => isOfAuthorizer(filter, {...where, name: filter.metadata.name}))
  return [
    ...facts.providers.map(provider => providerRow(provider, facts, where)),
    ...missing.map(name => missingRow(name, facts, where)),
    ...filters.map(filterRow),
  ].sort((a, b) => a.name.localeCompare(b.name))
}

function usageOf(name: string, facts: AuthzFacts, where: ControlPlaneRef): Pick<AuthorizerRow, 'usedBy' | 'ours'> {
  const users = facts.policies.filter(policy => providerOf(policy) === name)
  return {usedBy: users.map(titleOf), ours: users.some(policy => isOfAuthorizer(policy, {...where, name}))}
}

function providerRow(provider: FoundProvider, facts: AuthzFacts, where: ControlPlaneRef): AuthorizerRow {
  return {
    ...provider,
    // Istio's default
    timeout: provider.timeout ?? '10m',
    fail: provider.failOpen ? 'open' : 'closed',
    ...usageOf(provider.name, facts, where),
  }
}

/** A policy whose provider does not exist denies every request. */
function missingRow(name: string, facts: AuthzFacts, where: ControlPlaneRef): AuthorizerRow {
  return {
    name,
    type: 'grpc',
    service: '',
    port: 0,
    timeout: '-',
    fail: 'closed',
    from: 'nowhere',
    ...usageOf(name, facts, where),
  }
}

function filterRow(filter: KubernetesObject): AuthorizerRow {
  const found = readFilter(filter)
  return {
    ...found,
    timeout: found.timeout ?? '-',
    fail: found.failOpen ? 'open' : 'closed',
    from: 'envoy-filter',
    usedBy: [titleOf(filter)],
    ours: true,
  }
}

function titleOf({metadata}: KubernetesObject): string {
  return `${metadata.namespace}/${metadata.name}`
}
