import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import {applySetId, partOfLabel} from '../../engine/kubernetes/applyset.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import {refOf} from '../../engine/kubernetes/object.ts'
import {ownersOf} from '../../engine/plan/managed.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {type ExitCode, usageError} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {type MeshHost, readMeshHost} from '../../istio/mesh-host.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {commandLineOf} from '../../run/command-line.ts'
import {printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {connect, type Run} from '../../run/run.ts'
import {nameOfCluster, withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {shellWord} from '../../text/shell-word.ts'
import {balanceChecks} from './balance/checks.ts'
import {
  buildBalance,
  buildLocalityRecord,
  buildLocalitySetting,
  buildPreferClose,
  localityApplySet,
} from './balance/objects.ts'
import {type LocalityBalance, localityBalanceFields, validateLocalityBalance} from './balance/spec.ts'
import {exactRule, policyOf, scopeOf} from './istio-balancing.ts'
import {type LocalityFacts, readLocalityFacts} from './read.ts'

type RawBalance = RawSpec<typeof localityBalanceFields>

/**
 * Balances hosts by locality: creates or extends a DestinationRule per host, and edits the mesh config for `--mesh-wide`.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if a check or a write fails
 */
export async function balanceHosts(input: RawBalance, context: string, run: Run): Promise<ExitCode> {
  const raw = withContextNamespace(input, context, run.access)
  if (run.write.dryRun === 'client') return printWithoutCluster(raw, context, run)
  const answered = run.terminal.interactive ? await askMissing(raw, run) : raw
  const spec = readBalance(answered)
  const cluster = await connect(run.access, context)
  const facts = await readLocalityFacts(cluster, spec)
  const hosts = hostsOf(spec)
  const {manager} = run.access
  reportFindings(runChecks(balanceChecks, {spec, facts, hosts, manager}), run)
  const name = nameOfCluster(facts.controlPlane.controlPlane, cluster.context)
  const ofHosts = hosts.map(host => hostChange(host, spec, facts, name, manager))
  const changes = await allChanges(name, spec, ofHosts)
  const change = {cluster, name, changes, set: localityApplySet(spec)}
  const {exit} = await changeClusters([change], {question: `Apply this to ${name}?`}, run, outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    for (const {host} of hosts)
      run.terminal.message(`kubectl mesh locality status ${shellWord(host)} shows which endpoints clients use`)
    if (answered !== raw)
      run.terminal.message(['Next time without questions:', `  ${commandLineOf(localityBalanceFields, spec, run)}`])
  })
  return exit
}

function readBalance(raw: RawBalance): LocalityBalance {
  return readSpec(localityBalanceFields, raw, validateLocalityBalance)
}

function hostsOf(spec: LocalityBalance): MeshHost[] {
  return spec.hosts.map(host => readMeshHost(host, spec.namespace ?? 'default', spec.clusterDomain))
}

/** Kubernetes enables the field `trafficDistribution` of Services by default since 1.31 (KEP-4444). */
const firstWithField = 1031

function hostChange(
  host: MeshHost,
  spec: LocalityBalance,
  facts: LocalityFacts,
  cluster: string,
  manager: string,
): Change {
  if (spec.preferClose && host.service)
    return buildPreferClose(cluster, host.service, (facts.kubernetes ?? 0) >= firstWithField ? 'field' : 'annotation')
  const scope = scopeOf(host, facts, spec)
  const rule = exactRule(host, facts.rules, scope)
  const isOurs = rule?.metadata.labels?.[partOfLabel] === applySetId(localityApplySet(spec))
  const owners = rule ? ownersOf(rule, ['f:spec', 'f:trafficPolicy', 'f:outlierDetection']) : []
  return buildBalance({
    cluster,
    host,
    namespace: scope.namespace,
    revision: spec.revision,
    setting: buildLocalitySetting(spec),
    existing: rule && !isOurs ? refOf(rule) : undefined,
    setsOutlierDetection: isOurs || !policyOf(rule).outlierDetection || owners.includes(manager),
  })
}

/** Adds the record, if there is something to record, and the edit of the mesh config, if it is requested. */
async function allChanges(cluster: string, spec: LocalityBalance, ofHosts: readonly Change[]): Promise<Change[]> {
  const changes = [...buildLocalityRecord(cluster, spec, ofHosts), ...ofHosts]
  if (spec.meshWide === 'keep') return changes
  // Loaded on demand: it needs a YAML library that keeps comments.
  const {buildMeshLocality} = await import('./balance/objects-mesh.ts')
  return [...changes, buildMeshLocality(cluster, spec, spec.meshWide === 'on', buildLocalitySetting(spec))]
}

/** `--dry-run=client`: the objects for a cluster that has no DestinationRules yet. */
async function printWithoutCluster(raw: RawBalance, context: string, run: Run): Promise<ExitCode> {
  const spec = readBalance(raw)
  const cluster = contextInfo(run.access.kubeconfig, context).context
  const ofHosts = hostsOf(spec).map(host => newChange(host, spec, cluster))
  const changes = await allChanges(cluster, spec, ofHosts)
  return printPlan([planOffline(cluster, changes, localityApplySet(spec))], run)
}

function newChange(host: MeshHost, spec: LocalityBalance, cluster: string): Change {
  if (spec.preferClose) {
    if (!host.service) throw usageError(`--prefer-close: ${host.host} is not a Service of the cluster`)
    return buildPreferClose(cluster, host.service, 'field')
  }
  return buildBalance({
    cluster,
    host,
    namespace: host.service?.namespace ?? spec.namespace ?? 'default',
    revision: spec.revision,
    setting: buildLocalitySetting(spec),
    existing: undefined,
    setsOutlierDetection: true,
  })
}

/** Questions are loaded only on a terminal. */
async function askMissing(raw: RawBalance, run: Run): Promise<RawBalance> {
  const {askBalance} = await import('./balance/questions.ts')
  return askBalance(raw, run.terminal)
}
