import {isSystemNamespace} from '../../control-plane/read-proof.ts'
import {baseOf, definitionsToSend, render} from '../../control-plane/render.ts'
import {readMergedValues, readValuesFiles, type ValuesFile} from '../../control-plane/values.ts'
import {waitForControlPlane} from '../../control-plane/wait.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {Right} from '../../engine/kubernetes/access-rules.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import type {ControlPlaneInput} from '../../istio/render/input.ts'
import {controlPlaneApplySet, isOfReader} from '../../mesh/control-plane/objects.ts'
import {askInRun} from '../../run/ask-missing.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {commandLineOf, contextArguments} from '../../run/command-line.ts'
import {printListing} from '../../run/list-run.ts'
import {printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {reportLabelled, reportUnrecorded} from '../../run/report-unrecorded.ts'
import {printNext} from '../../run/review/next-steps.ts'
import {rightsOf} from '../../run/rights-of.ts'
import {connect, type Run} from '../../run/run.ts'
import {announceRisks, settingsInput} from '../../run/settings.ts'
import {nameOfCluster, nameWithoutCluster} from '../../run/where.ts'
import {clusterNameFrom} from '../../spec/context-ref.ts'
import {readSpec} from '../../spec/read.ts'
import {mergeSettings, readMerged, riskyChanges} from '../../spec/settings.ts'
import {withSpinner} from '../../terminal/output/progress.ts'
import {differencesFrom, installChecks} from './checks.ts'
import {buildInstall} from './objects.ts'
import {canBelongTo, controlPlaneAt, type InstallFacts, readInstall, readInstalled} from './read.ts'
import {controlPlaneListing} from './report.ts'
import {stepsAfterInstall} from './report-next.ts'
import {controlPlaneInput} from './request.ts'
import {installReads} from './rights.ts'
import {type Install, installFields, installRemoveFields, type RawInstall, validateInstall} from './spec.ts'

/**
 * Installs a control plane in one cluster, or completes or updates it. Objects of another installer that already match are used
 * as they are.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if a check or a write fails
 */
export async function installControlPlane(raw: RawInstall, context: string, run: Run): Promise<ExitCode> {
  if (run.write.dryRun === 'client') return printWithoutCluster(raw, context, run)
  const {systemNamespace, revision} = raw
  const place = readSpec(installRemoveFields, {systemNamespace, revision})
  const cluster = await connect(run.access, context, () => installRights(raw, context, run))
  const facts = await readInstall(cluster, place, run.access.manager)
  const record = facts.membership.parent
  const answered = record ? raw : await askInRun(installFields, raw, run, one => askInstall(one, facts, run))
  const settings = await provedRecord(cluster, record, run)
  const input = settingsInput(installFields, answered, settings, run)
  const merged = mergeSettings(installFields, input, ['set'])
  const spec = readMerged(installFields, input, merged, one => readSpec(installFields, one, validateInstall))
  const live = controlPlaneAt(facts.controlPlanes, place)
  if (live && !record && !run.write.force) return useExisting(answered, live, cluster, facts, run)
  reportFindings(runChecks(installChecks, {spec, facts}), run)
  const values = await readMergedValues(spec, input, settings)
  const name = nameOfCluster(live, cluster.context)
  const changes = await changesOf(spec, values, facts, {cluster, name, live}, run)
  reportLabelled(name, facts.membership, facts.membership.unrecorded, changes, run)
  announceRisks(riskyChanges(installFields, input, spec), run)
  const change = {cluster, name, changes, set: controlPlaneApplySet(place)}
  const resume = commandLineOf(installFields, spec, run, contextArguments(context, run.access))
  const {exit} = await changeClusters([change], {question: `Apply this to ${name}?`, resume}, run, async outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    const names = {name, systemNamespace: place.systemNamespace, revision: place.revision ?? 'default'}
    if (run.write.wait) await waitForControlPlane(cluster, spec.via, names, run)
    if (run.write.output === undefined) await printInstalled(cluster, run)
    const where = {context, connection: run.connection ?? '', isNew: live === undefined}
    printNext(stepsAfterInstall(spec, outcomes, where), outcomes, run)
  })
  return exit
}

/**
 * Returns the record, if its settings can be trusted: whoever administers a namespace can write a record there. A run that was
 * killed before it created a cluster-wide object has left such a record too.
 */
async function provedRecord(
  cluster: Cluster,
  record: KubernetesObject | undefined,
  {terminal}: Run,
): Promise<KubernetesObject | undefined> {
  if (!record || (await isSystemNamespace(cluster, record.metadata.namespace!))) return record
  terminal.message([
    `warning: ${cluster.context}: the settings in ConfigMap ${record.metadata.name} are ignored, because no cluster-wide object shows that namespace ${record.metadata.namespace} is the system namespace of a control plane`,
    'hint:    set all flags again',
  ])
  return undefined
}

async function printInstalled(cluster: Cluster, {terminal}: Run): Promise<void> {
  printListing({terminal, list: {output: undefined}}, controlPlaneListing(await readInstalled(cluster), new Date()))
}

/** A control plane of another installer is used as it is, if it has what the input asks for. */
async function useExisting(
  raw: RawInstall,
  live: ControlPlane,
  cluster: Cluster,
  {membership}: InstallFacts,
  run: Run,
): Promise<ExitCode> {
  const name = nameOfCluster(live, cluster.context)
  reportFindings(differencesFrom(raw, live, name), run)
  const {namespace, revision, version} = live
  const running = `${name}: Istio ${version ?? 'of an unknown version'} already runs in namespace ${namespace} (revision ${revision})`
  const isLost = membership.unrecorded.some(canBelongTo({systemNamespace: namespace}))
  reportUnrecorded(name, membership.unrecorded, run)
  run.terminal.message(
    isLost
      ? [
          `${running}; the record of its objects is missing, so it stays as it is`,
          'hint:  set all flags again and add --force-conflicts to list its objects in a new record',
        ]
      : [
          `${running}; kubectl-mesh did not install it and leaves it as it is`,
          'hint:  add --force-conflicts to take over its objects',
        ],
  )
  if (run.write.output === undefined && run.write.dryRun === 'none') await printInstalled(cluster, run)
  return exitCodes.ok
}

/** Prints all objects of a control plane (`--dry-run=client`). Connects to no cluster and needs no kubeconfig. */
async function printWithoutCluster(raw: RawInstall, context: string, run: Run): Promise<ExitCode> {
  const {spec, cluster, changes} = await changesWithoutCluster(raw, context, run)
  return printPlan([planOffline(cluster, changes, controlPlaneApplySet(spec))], run)
}

/** All permissions to install a control plane, as far as the input determines them. */
async function installRights(raw: RawInstall, context: string, run: Run): Promise<Right[]> {
  const {spec, changes} = await changesWithoutCluster(raw, context, run)
  return [...installReads(spec), ...rightsOf(changes)]
}

/** Returns the changes of an installation as far as the input determines them. Connects to no cluster. */
async function changesWithoutCluster(raw: RawInstall, context: string, run: Run) {
  const spec = readSpec(installFields, raw, validateInstall)
  const values = await readValuesFiles(spec.values)
  const cluster = nameWithoutCluster(context, run.access)
  const rendered = await rendering(spec, controlPlaneInput(spec, values, undefined, cluster), true, run)
  const definitions = rendered.definitions.map(({read}) => read())
  const changes = buildInstall(cluster, spec, values, rendered, definitions)
  return {spec, cluster, changes}
}

/** The prompts are loaded only on an interactive terminal, to start faster elsewhere. */
async function askInstall(raw: RawInstall, facts: InstallFacts, run: Run): Promise<RawInstall> {
  return (await import('./questions.ts')).askInstall(raw, facts, run.terminal)
}

async function changesOf(
  spec: Install,
  values: readonly ValuesFile[],
  facts: InstallFacts,
  {cluster, name, live}: {cluster: Cluster; name: string; live: ControlPlane | undefined},
  run: Run,
): Promise<Change[]> {
  const input = controlPlaneInput(spec, values, live, clusterNameFrom(cluster.context))
  const rendered = await withSpinner(run.terminal, 'rendering the control plane', () =>
    rendering(spec, input, facts.definitions.size === 0, run),
  )
  const definitions = definitionsToSend(rendered.definitions, facts.definitions).map(({read}) => read())
  const changes = buildInstall(name, spec, values, rendered, definitions)
  const unused = pruneChanges(name, facts.membership.objects, changes, object => isOfReader(object, spec))
  return [...changes, ...unused]
}

function rendering(spec: Install, input: ControlPlaneInput, needsDefinitions: boolean, run: Run) {
  return render({...spec, base: baseOf(spec.chart, needsDefinitions)}, input, run.signal)
}
