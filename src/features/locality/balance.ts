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
import {printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {connect, type Run} from '../../run/run.ts'
import {commandLineOf} from '../../run/command-line.ts'
import {nameOfCluster, withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {balanceChecks, existingRule, scopeOf} from './checks-balance.ts'
import type {LocalitySetting} from './istio.ts'
import {policyOf} from './istio-balancing.ts'
import {buildBalance, buildLocalityRecord, buildPreferClose, localityApplySet} from './objects-balance.ts'
import {type LocalityFacts, readLocalityFacts} from './read.ts'
import {type LocalityBalance, localityBalanceFields, localityBalanceProblems} from './spec-balance.ts'

type RawBalance = RawSpec<typeof localityBalanceFields>

/** Says how hosts are served from near to far. `context` '' is the current one. */
export async function balanceHosts(said: RawBalance, context: string, run: Run): Promise<ExitCode> {
  const raw = withContextNamespace(said, context, run.access)
  if (run.write.dryRun === 'client') return printWithoutCluster(raw, context, run)
  const asked = run.terminal.interactive ? await askMissing(raw, run) : raw
  const spec = readSpec(localityBalanceFields, asked, localityBalanceProblems)
  const cluster = await connect(run.access, context)
  const facts = await readLocalityFacts(cluster, spec)
  const hosts = hostsOf(spec)
  reportFindings(runChecks(balanceChecks, {spec, facts, hosts, manager: run.access.manager}), run)
  const name = nameOfCluster(facts.plane.plane, cluster.context)
  const changes = [
    ...hosts.map(host => changeOf(host, spec, facts, name, run.access.manager)),
    ...(await meshChanges(spec, name)),
  ]
  const wish = {
    cluster,
    name,
    changes: [...buildLocalityRecord(name, spec, changes), ...changes],
    set: localityApplySet(spec),
  }
  const {exit} = await changeClusters([wish], {question: `Apply this to ${name}?`}, run, outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    for (const {host} of hosts)
      run.terminal.message(`kubectl mesh locality status ${host} shows who is served from where`)
    if (asked !== raw)
      run.terminal.message(`Next time without questions:\n  ${commandLineOf(localityBalanceFields, spec, run)}`)
  })
  return exit
}

function hostsOf(spec: LocalityBalance): MeshHost[] {
  return spec.hosts.map(host => readMeshHost(host, spec.namespace ?? 'default', spec.clusterDomain))
}

/** The setting as a DestinationRule has it, without `enabled`. */
function settingOf(spec: LocalityBalance): LocalitySetting {
  const failover = Object.entries(spec.failover).map(([from, to]) => ({from, to}))
  return {
    ...(failover.length > 0 ? {failover} : {}),
    ...(spec.failoverPriority.length > 0 ? {failoverPriority: spec.failoverPriority} : {}),
    ...(spec.distribute.length > 0 ? {distribute: spec.distribute} : {}),
  }
}

function changeOf(
  host: MeshHost,
  spec: LocalityBalance,
  facts: LocalityFacts,
  cluster: string,
  manager: string,
): Change {
  if (spec.preferClose && host.service)
    return buildPreferClose(cluster, host.service, (facts.kubernetes ?? 0) >= 1031 ? 'field' : 'annotation')
  const rule = existingRule(host, facts, spec)
  const isOurs = rule?.metadata.labels?.[partOfLabel] === applySetId(localityApplySet(spec))
  const owners = rule ? ownersOf(rule, ['f:spec', 'f:trafficPolicy', 'f:outlierDetection']) : []
  return buildBalance({
    cluster,
    host,
    namespace: scopeOf(host, facts, spec).namespace,
    revision: spec.revision,
    setting: settingOf(spec),
    existing: rule && !isOurs ? refOf(rule) : undefined,
    setsOutlierDetection: isOurs || !policyOf(rule).outlierDetection || owners.includes(manager),
  })
}

/** The editor of the mesh config loads a YAML library that keeps comments. */
async function meshChanges(spec: LocalityBalance, cluster: string): Promise<Change[]> {
  if (spec.meshWide === 'keep') return []
  const {buildMeshLocality} = await import('./objects-mesh.ts')
  return [buildMeshLocality(cluster, spec, spec.meshWide === 'on', settingOf(spec))]
}

/** `--dry-run=client`: as if no rule were there yet. */
async function printWithoutCluster(raw: RawBalance, context: string, run: Run): Promise<ExitCode> {
  const spec = readSpec(localityBalanceFields, raw, localityBalanceProblems)
  const cluster = contextInfo(run.access.kubeconfig, context).context
  const changes = hostsOf(spec).map((host): Change => {
    if (spec.preferClose) {
      if (!host.service) throw usageError(`--prefer-close: ${host.host} is no Service of the cluster`)
      return buildPreferClose(cluster, host.service, 'field')
    }
    return buildBalance({
      cluster,
      host,
      namespace: host.service?.namespace ?? spec.namespace ?? 'default',
      revision: spec.revision,
      setting: settingOf(spec),
      existing: undefined,
      setsOutlierDetection: true,
    })
  })
  const all = [...buildLocalityRecord(cluster, spec, changes), ...changes, ...(await meshChanges(spec, cluster))]
  return printPlan([planOffline(cluster, all, localityApplySet(spec))], run)
}

/** Questions load only where there is somebody to ask. */
async function askMissing(raw: RawBalance, run: Run): Promise<RawBalance> {
  const {askBalance} = await import('./questions.ts')
  return askBalance(raw, run.terminal)
}
