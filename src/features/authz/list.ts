import type {ControlPlaneRef} from '../../control-plane/read.ts'
import {applySetId, partOfLabel} from '../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {type ListRun, printListing} from '../../run/list-run.ts'
import {connect} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {isTable} from '../../terminal/list/list-format.ts'
import {providerOf} from './istio.ts'
import {readFilter} from './objects-filter.ts'
import {type AuthzFacts, type FoundProvider, readAuthzFacts} from './read.ts'
import type {AuthzRecord} from './records/objects.ts'
import {isRecorded, readAuthzRecords} from './records/read.ts'
import {type AuthorizerRow, authorizerListing} from './report.ts'
import {authzApplySet, authzListFields} from './spec.ts'

/**
 * Shows the authorizers of a control plane and the policies that use them. Only reads.
 *
 * @param context kubeconfig context; '' for the current one
 */
export async function listAuthorizers(
  raw: RawSpec<typeof authzListFields>,
  context: string,
  run: ListRun,
): Promise<ExitCode> {
  const spec = readSpec(authzListFields, raw)
  const cluster = await connect(run.access, context)
  const [facts, records] = await Promise.all([
    readAuthzFacts(cluster, spec),
    readAuthzRecords(cluster, spec.systemNamespace),
  ])
  const rows = rowsOf(facts, spec, records)
  if (rows.length === 0 && isTable(run.list)) run.terminal.message('no authorizers')
  else printListing(run, authorizerListing(rows, new Date()))
  return exitCodes.ok
}

function rowsOf(facts: AuthzFacts, where: ControlPlaneRef, records: readonly AuthzRecord[]): AuthorizerRow[] {
  const known = facts.providers.map(({name}) => name)
  const used = new Set([...facts.policies, ...facts.unread].flatMap(policy => providerOf(policy) ?? []))
  const missing = [...used].filter(name => !known.includes(name))
  return [
    ...facts.providers.map(provider => ({...providerRow(provider), ...usageOf(provider.name, facts, records)})),
    ...missing.map(name => ({...missingRow(name), ...usageOf(name, facts, records)})),
    ...facts.filters.filter(filter => isLabelled(filter, where, records)).map(filter => filterRow(filter, records)),
  ].sort((a, b) => a.name.localeCompare(b.name))
}

/** The label only finds filters. Whether kubectl-mesh created one is a separate column. */
function isLabelled({metadata}: KubernetesObject, where: ControlPlaneRef, records: readonly AuthzRecord[]): boolean {
  const {name, labels} = metadata
  const sets = records.filter(record => record.name === name).map(({set}) => set)
  return [authzApplySet({...where, name}), ...sets].some(set => labels?.[partOfLabel] === applySetId(set))
}

type Usage = Pick<AuthorizerRow, 'usedBy' | 'notRead' | 'ours' | 'created'>

function usageOf(name: string, facts: AuthzFacts, records: readonly AuthzRecord[]): Usage {
  const [users, unread] = [facts.policies, facts.unread].map(all => all.filter(policy => providerOf(policy) === name))
  return {
    usedBy: users!.map(titleOf),
    notRead: unread!.map(titleOf),
    ours: [...users!, ...unread!].some(policy => isRecorded(records, name, policy)),
    created: [...users!, ...unread!].flatMap(({metadata}) => metadata.creationTimestamp ?? []).sort()[0],
  }
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

function filterRow(filter: KubernetesObject, records: readonly AuthzRecord[]): AuthorizerRow {
  const found = readFilter(filter)
  return {
    ...found,
    timeout: found.timeout ?? '-',
    fail: found.failOpen ? 'open' : 'closed',
    from: 'envoy-filter',
    usedBy: [titleOf(filter)],
    notRead: [],
    ours: isRecorded(records, filter.metadata.name, filter),
    created: filter.metadata.creationTimestamp,
  }
}

function titleOf({metadata}: KubernetesObject): string {
  return `${metadata.namespace}/${metadata.name}`
}
