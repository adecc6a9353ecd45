import type {ExitCode} from '../../errors.ts'
import {readMeshHost} from '../../istio/mesh-host.ts'
import {askInRun} from '../../run/ask-missing.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {reportAbsent} from '../../run/report-absent.ts'
import {reportUnrecorded} from '../../run/report-unrecorded.ts'
import {connect, type Run} from '../../run/run.ts'
import {withContextNamespace} from '../../run/where.ts'
import {clusterNameFrom} from '../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {someOf} from '../../text/count.ts'
import {balancedHosts, buildForget, buildUnbalance, type UnbalanceFacts} from './balance/objects-unbalance.ts'
import {readLocalityRecords} from './balance/read-records.ts'
import {type LocalityUnbalance, localityUnbalanceFields, validateLocalityUnbalance} from './balance/spec-unbalance.ts'

type RawUnbalance = RawSpec<typeof localityUnbalanceFields>

/**
 * Takes back what `mesh locality balance` has set for hosts: deletes its rules, and removes its fields from rules and Services of
 * other owners.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if a write fails
 */
export async function unbalanceHosts(input: RawUnbalance, context: string, run: Run): Promise<ExitCode> {
  refuseClientDryRun(run)
  const raw = withContextNamespace(input, context, run.access)
  const cluster = await connect(run.access, context)
  const read = async (where: Pick<LocalityUnbalance, 'systemNamespace' | 'revision' | 'clusterDomain'>) => {
    const [records, rules, services] = await Promise.all([
      readLocalityRecords(cluster, where),
      cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule'}),
      cluster.list({apiVersion: 'v1', kind: 'Service'}),
    ])
    return {records, rules, services, clusterDomain: where.clusterDomain, manager: run.access.manager}
  }
  const facts = await read(readSpec(localityUnbalanceFields, {...raw, all: true, hosts: undefined}))
  const answered = await askInRun(localityUnbalanceFields, raw, run, one =>
    askUnbalance(one, balancedHosts(facts), run),
  )
  const spec = readSpec(localityUnbalanceFields, answered, validateLocalityUnbalance)
  const name = clusterNameFrom(cluster.context)
  const {changes, set} = plannedChanges(name, spec, facts, run)
  if (changes.length === 0) {
    const what = spec.all
      ? 'host in the record of kubectl mesh locality balance'
      : `balanced host ${someOf(spec.hosts, 5)}`
    return reportAbsent({what, where: name, plural: 'hosts', existing: balancedHosts(facts)}, run)
  }
  const question = `Take back the locality settings of ${someOf(hostNames(spec, facts), 5)} in ${name}?`
  const {exit} = await changeClusters([{cluster, name, changes, set}], {question}, run, () => undefined)
  return exit
}

function hostNames(spec: LocalityUnbalance, facts: UnbalanceFacts): string[] {
  if (spec.all) return balancedHosts(facts)
  return spec.hosts.map(host => readMeshHost(host, spec.namespace ?? 'default', spec.clusterDomain).host)
}

function plannedChanges(cluster: string, spec: LocalityUnbalance, facts: UnbalanceFacts, run: Run) {
  for (const {membership} of facts.records) reportUnrecorded(cluster, membership.unrecorded, run)
  const hosts = hostNames(spec, facts).map(host => readMeshHost(host, '', spec.clusterDomain))
  const changes = hosts.flatMap(host => buildUnbalance(cluster, host, facts))
  const forget = buildForget(
    cluster,
    hosts.map(({host}) => host),
    facts,
  )
  return {changes: [...changes, ...forget], set: facts.records[0]!.set}
}

/** Questions are loaded only on a terminal. */
async function askUnbalance(raw: RawUnbalance, balanced: readonly string[], run: Run): Promise<RawUnbalance> {
  if (raw.hosts !== undefined || raw.all === true || balanced.length === 0) return raw
  const {askMany} = await import('../../terminal/prompts.ts')
  const choices = balanced.map(host => ({name: host, value: host}))
  return {...raw, hosts: await askMany(run.terminal, 'Which hosts should lose their locality settings?', choices, 1)}
}
