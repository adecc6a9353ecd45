import type {ControlPlaneRef} from '../../control-plane/read.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import {type KubernetesObject, refOf} from '../../engine/kubernetes/object.ts'
import {ownersOf} from '../../engine/plan/managed.ts'
import type {Membership} from '../../engine/plan/membership.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {type ExitCode, usageError} from '../../errors.ts'
import {type ReportedFinding, runChecks} from '../../findings/check.ts'
import {type MeshHost, readMeshHost} from '../../istio/mesh-host.ts'
import {askInRun} from '../../run/ask-missing.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {reportLabelled} from '../../run/report-unrecorded.ts'
import {connect, type Run} from '../../run/run.ts'
import {nameOfCluster, nameWithoutCluster, withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {formatSettings, mergeSettings, parseSettings, readMerged} from '../../spec/settings.ts'
import {shellWord} from '../../text/shell-word.ts'
import {balanceChecks} from './balance/checks.ts'
import type {BalanceSubject} from './balance/checks-hosts.ts'
import {
  buildBalance,
  buildLocalityRecord,
  buildLocalitySetting,
  buildPreferClose,
  localityApplySet,
  ruleName,
} from './balance/objects.ts'
import {type LocalityRecords, readLocalityRecords} from './balance/read-records.ts'
import {balanceRights} from './balance/rights.ts'
import {hasSetting, type LocalityBalance, localityBalanceFields, validateLocalityBalance} from './balance/spec.ts'
import {rawOfSetting, settingsKeyOf} from './balance/spec-stored.ts'
import {exactRule, policyOf, scopeOf} from './istio-balancing.ts'
import type {LocalitySetting} from './istio-serve.ts'
import {type LocalityFacts, readLocalityFacts} from './read.ts'

type RawBalance = RawSpec<typeof localityBalanceFields>

/** A host with its settings: those of this run over those of earlier runs. */
interface Balanced {
  host: MeshHost
  spec: LocalityBalance
}

/** What a run reads before it plans. */
interface Facts extends LocalityFacts {
  /** New rules are listed in the first one. */
  records: LocalityRecords
}

/**
 * Balances hosts by locality: creates or extends a DestinationRule per host, and edits the mesh config for `--mesh-wide`. Keeps
 * the settings of earlier runs for the same host.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if a check or a write fails
 */
export async function balanceHosts(input: RawBalance, context: string, run: Run): Promise<ExitCode> {
  const raw = withContextNamespace(input, context, run.access)
  if (run.write.dryRun === 'client') return printWithoutCluster(raw, context, run)
  const answered = await askInRun(localityBalanceFields, raw, run, one => askBalance(one, run))
  const asked = readBalance(answered)
  const cluster = await connect(run.access, context, balanceRights(asked, hostsOf(asked)))
  const read = await readLocalityFacts(cluster, asked)
  const spec = {...asked, revision: read.revision}
  const records = await readLocalityRecords(cluster, spec)
  const [{membership, set}] = records
  const facts: Facts = {...read, records}
  const balanced = hostsOf(spec).map(host => mergedHost(host, answered, records, run))
  const {manager} = run.access
  reportFindings(findingsOf(balanced, {spec, facts, hosts: [], manager}), run)
  const name = nameOfCluster(facts.controlPlane.controlPlane, cluster.context)
  const ofHosts = balanced.map(each => hostChange(each, facts, name, manager))
  const record = records[0].where
  const ofMesh = await meshChanges(name, spec, facts, meshSetting(answered, spec, facts, run))
  if (spec.meshWide === 'undo' && ofMesh.changes.length === 0)
    run.terminal.message(
      `${name}: nothing to undo: the mesh config has no localityLbSetting, and no --mesh-wide is recorded`,
    )
  const changes = [...hostChanges(name, record, balanced, ofMesh.stored), ...ofHosts, ...ofMesh.changes]
  reportLabelled(name, membership, membership.unrecorded, changes, run)
  const change = {cluster, name, changes, set}
  const {exit} = await changeClusters([change], {question: `Apply this to ${name}?`}, run, outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    for (const {host} of balanced)
      run.terminal.message(`kubectl mesh locality status ${shellWord(host.host)} shows which endpoints clients use`)
  })
  return exit
}

function readBalance(raw: RawBalance): LocalityBalance {
  return readSpec(localityBalanceFields, raw, validateLocalityBalance)
}

function hostsOf(spec: LocalityBalance): MeshHost[] {
  return spec.hosts.map(host => readMeshHost(host, spec.namespace ?? 'default', spec.clusterDomain))
}

/** The settings of a host: the input of this run over what earlier runs stored. */
function mergedHost(host: MeshHost, requested: RawBalance, records: LocalityRecords, run: Run): Balanced {
  const key = settingsKeyOf(host.host)
  const text = records.map(({settings}) => (settings?.data as Record<string, string> | undefined)?.[key]).find(Boolean)
  const stored = parseSettings(localityBalanceFields, text)
  const input = {requested, stored, ...resetOf(run)}
  const merged = mergeSettings(localityBalanceFields, input)
  return {host, spec: readMerged(localityBalanceFields, input, merged, readBalance)}
}

function resetOf({write: {reset, complete}}: Run): Pick<Run['write'], 'reset' | 'complete'> {
  return {reset, complete}
}

/** The setting for the mesh config, which itself stores what earlier runs set. Undefined to keep it, except for `enabled`. */
function meshSetting(
  requested: RawBalance,
  spec: LocalityBalance,
  {mesh}: LocalityFacts,
  run: Run,
): LocalitySetting | undefined {
  if (spec.meshWide !== 'on' || !(hasSetting(spec) || run.write.reset.length > 0)) return undefined
  const input = {requested, stored: rawOfSetting(mesh.localityLbSetting), ...resetOf(run)}
  return buildLocalitySetting(readBalance(mergeSettings(localityBalanceFields, input)))
}

/** The findings for each host with its settings, and for the mesh. Findings about the mesh are the same for each host. */
function findingsOf(balanced: readonly Balanced[], mesh: BalanceSubject): ReportedFinding[] {
  const subjects = balanced.map(({host, spec}) => ({...mesh, spec, hosts: [host]}))
  const all = (subjects.length > 0 ? subjects : [mesh]).flatMap(subject => runChecks(balanceChecks, subject))
  return [...new Map(all.map(finding => [JSON.stringify(finding), finding])).values()]
}

/** Kubernetes enables the field `trafficDistribution` of Services by default since 1.31 (KEP-4444). */
const firstWithField = 1031

function hostChange({host, spec}: Balanced, facts: Facts, cluster: string, manager: string): Change {
  if (spec.preferClose && host.service)
    return buildPreferClose(cluster, host.service, (facts.kubernetes ?? 0) >= firstWithField ? 'field' : 'annotation')
  const scope = scopeOf(host, facts, spec)
  const rule = exactRule(host, [...facts.rules, ...facts.unreadRules.filter(isRecordedIn(facts.records))], scope)
  const record = facts.records.find(({membership}) => rule && isOwnRule(rule, host, membership, manager))
  const owners = rule ? ownersOf(rule, ['f:spec', 'f:trafficPolicy', 'f:outlierDetection']) : []
  return buildBalance({
    cluster,
    host,
    namespace: scope.namespace,
    controlPlane: {isTenant: facts.controlPlane.isTenant, revision: facts.revision},
    setting: buildLocalitySetting(spec),
    existing: rule && !record ? refOf(rule) : undefined,
    setsOutlierDetection: record !== undefined || !policyOf(rule).outlierDetection || owners.includes(manager),
    memberOf: record === facts.records[0] ? undefined : record?.set,
  })
}

/** Version 0.1.0 labelled its rules with a revision. They lose the label, so that every revision reads them. */
function isRecordedIn(records: LocalityRecords): (rule: KubernetesObject) => boolean {
  return rule => records.some(({membership}) => membership.owns(rule))
}

/** A rule of version 0.1.0 is applied as a whole too, which adds it to the record. */
function isOwnRule(rule: KubernetesObject, host: MeshHost, {owns, adopts}: Membership, manager: string): boolean {
  return owns(rule) || (rule.metadata.name === ruleName(host) && adopts(rule, manager))
}

/** The record with the settings of the hosts, and the former setting of the mesh config. */
function hostChanges(
  cluster: string,
  record: ControlPlaneRef,
  balanced: readonly Balanced[],
  former: Readonly<Record<string, string>>,
): Change[] {
  const settings = balanced.map(each => [
    settingsKeyOf(each.host.host),
    formatSettings(localityBalanceFields, each.spec),
  ])
  return buildLocalityRecord(cluster, record, {...Object.fromEntries(settings), ...former})
}

/**
 * The edit of the mesh config, if it is requested, and the former setting for the record.
 *
 * @param facts undefined for `--dry-run=client`
 */
async function meshChanges(
  cluster: string,
  spec: LocalityBalance,
  facts: Pick<Facts, 'controlPlane' | 'records'> | undefined,
  setting: LocalitySetting | undefined,
): Promise<{changes: Change[]; stored: Record<string, string>}> {
  if (spec.meshWide === 'keep') return {changes: [], stored: {}}
  // Loaded on demand: they need a YAML library that keeps comments.
  const [{buildMeshLocality, editMeshLocality}, {buildMeshUndo, formerSetting, readMeshUndo}] = await Promise.all([
    import('./balance/objects-mesh.ts'),
    import('./balance/objects-mesh-undo.ts'),
  ])
  const [record] = facts?.records ?? []
  const former = readMeshUndo(record?.settings, spec)
  const mesh = facts?.controlPlane.meshText ?? ''
  if (spec.meshWide === 'undo')
    return {changes: buildMeshUndo(cluster, spec, record?.where ?? spec, mesh, former), stored: {}}
  const enabled = spec.meshWide === 'on'
  const changes = [buildMeshLocality(cluster, spec, enabled, setting)]
  const edit = (text: string) => editMeshLocality(text, enabled, setting)
  return {changes, stored: facts?.controlPlane.meshMap ? formerSetting(mesh, edit, spec, former) : {}}
}

/** `--dry-run=client`: the objects for a cluster that has no DestinationRules yet. */
async function printWithoutCluster(raw: RawBalance, context: string, run: Run): Promise<ExitCode> {
  const spec = readBalance(raw)
  const cluster = nameWithoutCluster(context, run.access)
  const balanced = hostsOf(spec).map(host => ({host, spec}))
  const ofHosts = balanced.map(({host}) => newChange(host, spec, cluster))
  const setting = hasSetting(spec) ? buildLocalitySetting(spec) : undefined
  const record = {systemNamespace: spec.systemNamespace, revision: undefined}
  if (spec.meshWide === 'undo')
    throw usageError('--mesh-wide undo needs a cluster, which stores the former setting', 'use --dry-run=server')
  const {changes: ofMesh} = await meshChanges(cluster, spec, undefined, setting)
  const changes = [...hostChanges(cluster, record, balanced, {}), ...ofHosts, ...ofMesh]
  return printPlan([planOffline(cluster, changes, localityApplySet(record))], run)
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
    controlPlane: {isTenant: false, revision: spec.revision},
    setting: buildLocalitySetting(spec),
    existing: undefined,
    setsOutlierDetection: true,
  })
}

/** Questions are loaded only on a terminal. */
async function askBalance(raw: RawBalance, run: Run): Promise<RawBalance> {
  return (await import('./balance/questions.ts')).askBalance(raw, run.terminal)
}
