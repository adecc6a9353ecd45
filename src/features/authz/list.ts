import type {ControlPlaneRef} from '../../control-plane/read.ts'
import {applySetId, partOfLabel} from '../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {connect, type ReadRun} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {providerOf} from './istio.ts'
import {readFilter} from './objects-filter.ts'
import {type AuthzFacts, type FoundProvider, type IsRecorded, readAuthzFacts, readRecorded} from './read.ts'
import {type AuthorizerRow, formatAuthorizers} from './report.ts'
import {authzApplySet, authzListFields} from './spec.ts'

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
  const cluster = await connect(run.access, context)
  const [facts, isRecorded] = await Promise.all([readAuthzFacts(cluster, spec), readRecorded(cluster, spec)])
  const rows = rowsOf(facts, spec, isRecorded)
  if (rows.length === 0 && run.output !== 'json' && run.output !== 'yaml') run.terminal.message('no authorizers')
  else run.terminal.print(formatAuthorizers(rows, run.output))
  return exitCodes.ok
}

function rowsOf(facts: AuthzFacts, where: ControlPlaneRef, isRecorded: IsRecorded): AuthorizerRow[] {
  const known = facts.providers.map(({name}) => name)
  const used = new Set(facts.policies.map(policy => providerOf(policy) ?? ''))
  const missing = [...used].filter(name => !known.includes(name))
  return [
    ...facts.providers.map(provider => ({...providerRow(provider), ...usageOf(provider.name, facts, isRecorded)})),
    ...missing.map(name => ({...missingRow(name), ...usageOf(name, facts, isRecorded)})),
    ...facts.filters.filter(filter => isLabelled(filter, where)).map(filter => filterRow(filter, isRecorded)),
  ].sort((a, b) => a.name.localeCompare(b.name))
}

/** The label only finds filters. Whether kubectl-mesh created one is a separate column. */
function isLabelled({metadata: {name, labels}}: KubernetesObject, where: ControlPlaneRef): boolean {
  return labels?.[partOfLabel] === applySetId(authzApplySet({...where, name}))
}

type Usage = Pick<AuthorizerRow, 'usedBy' | 'ours'>

function usageOf(name: string, facts: AuthzFacts, isRecorded: IsRecorded): Usage {
  const users = facts.policies.filter(policy => providerOf(policy) === name)
  return {usedBy: users.map(titleOf), ours: users.some(policy => isRecorded(name, policy))}
}

function providerRow(provider: FoundProvider): Omit<AuthorizerRow, keyof Usage> {
  return {
    ...provider,
    // Istio's default
    timeout: provider.timeout ?? '10m',
    fail: provider.failOpen ? 'open' : 'closed',
  }
}

/** A policy whose provider does not exist denies every request. */
function missingRow(name: string): Omit<AuthorizerRow, keyof Usage> {
  return {name, type: 'grpc', service: '', port: 0, timeout: '-', fail: 'closed', from: 'nowhere'}
}

function filterRow(filter: KubernetesObject, isRecorded: IsRecorded): AuthorizerRow {
  const found = readFilter(filter)
  return {
    ...found,
    timeout: found.timeout ?? '-',
    fail: found.failOpen ? 'open' : 'closed',
    from: 'envoy-filter',
    usedBy: [titleOf(filter)],
    ours: isRecorded(filter.metadata.name, filter),
  }
}

function titleOf({metadata}: KubernetesObject): string {
  return `${metadata.namespace}/${metadata.name}`
}
