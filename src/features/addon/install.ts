import {randomBytes} from 'node:crypto'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {Right} from '../../engine/kubernetes/access-rules.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import type {Outcome} from '../../engine/plan/apply.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import type {ExitCode} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {commandLineOf, contextArguments} from '../../run/command-line.ts'
import {printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {reportLabelled} from '../../run/report-unrecorded.ts'
import {connect, type Run} from '../../run/run.ts'
import {announceRisks, settingsInput} from '../../run/settings.ts'
import {waitForWorkload} from '../../run/wait-with-progress.ts'
import {nameOfCluster, nameWithoutCluster} from '../../run/where.ts'
import {readSpec} from '../../spec/read.ts'
import {mergeSettings, readMerged, riskyChanges} from '../../spec/settings.ts'
import {addonChecks} from './checks.ts'
import {hasLogin} from './istio-kiali.ts'
import {isWorkload} from './manifest.ts'
import {type Addon, addonApplySet, buildAddons} from './objects.ts'
import {type AddonFacts, readAddons, readSigningKey} from './read.ts'
import {type Manifests, readManifests} from './read-manifests.ts'
import {nextSteps} from './report-next.ts'
import {addonInstallRights} from './rights.ts'
import {type AddonInstall, addonInstallFields, type RawAddonInstall, rawFor, validateAddonInstall} from './spec.ts'
import {type AddonName, namesIn} from './spec-names.ts'

type PlacedSpec = Addon['spec']

/**
 * Installs add-ons of Istio in one cluster, or completes or updates them. Settings of earlier runs are kept.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if a check or a write fails
 */
export async function installAddons(raw: RawAddonInstall, context: string, run: Run): Promise<ExitCode> {
  const requested = readSpec(addonInstallFields, raw, validateAddonInstall)
  const names = namesIn(requested.names)
  const {namespace = requested.systemNamespace} = requested
  if (run.write.dryRun === 'client') return printWithoutCluster(raw, names, context, run)
  const manifests = await readManifests(requested, namespace, run.signal)
  const cluster = await connect(run.access, context, async () => installRights(raw, names, manifests))
  const facts = await readAddons(cluster, names, requested)
  const name = nameOfCluster(facts.controlPlanes[0], cluster.context)
  const specs = specsOf(raw, names, facts, run)
  const {controlPlanes, connected} = facts
  reportFindings(runChecks(addonChecks, {addons: specs, controlPlanes, isConnected: connected.length > 0}), run)
  const hasJaeger = names.includes('jaeger') || facts.jaeger !== undefined
  const addons = await Promise.all(
    specs.map(async (one): Promise<Addon> => {
      const manifest = await manifestFor(one, manifests, namespace, run)
      return {...one, cluster: name, manifest, hasJaeger, signingKey: await signingKeyFor(one.spec, cluster)}
    }),
  )
  const changes = changesOf(addons, facts, name, run)
  const change = {cluster, name, changes, set: addonApplySet(names[0]!, requested)}
  const resume = commandLineOf(addonInstallFields, requested, run, contextArguments(context, run.access))
  const confirmation = {question: `Apply this to ${name}?`, resume}
  const {exit} = await changeClusters([change], confirmation, run, outcomes => finish(outcomes, addons, cluster, run))
  return exit
}

/** A chart is rendered for one namespace; the record may have another one. */
async function manifestFor(
  {name, spec}: Pick<Addon, 'name' | 'spec'>,
  manifests: Manifests,
  rendered: string,
  run: Run,
): Promise<Addon['manifest']> {
  if (spec.namespace === rendered || spec.from === '-') return manifests.get(name)!
  return (await readManifests({...spec, names: [name]}, spec.namespace, run.signal)).get(name)!
}

/** The Spec of each add-on: the input over the settings in its record. */
function specsOf(raw: RawAddonInstall, names: readonly AddonName[], facts: AddonFacts, run: Run) {
  return names.map(name => {
    const record = facts.memberships.get(name)?.parent
    const input = settingsInput(addonInstallFields, rawFor(raw, name), record, run)
    const merged = mergeSettings(addonInstallFields, input)
    const read = (one: RawAddonInstall) => readSpec(addonInstallFields, one, validateAddonInstall)
    const spec = placed(readMerged(addonInstallFields, input, merged, read))
    announceRisks(riskyChanges(addonInstallFields, input, spec), run)
    return {name, spec}
  })
}

function placed(spec: AddonInstall): PlacedSpec {
  return {...spec, namespace: spec.namespace ?? spec.systemNamespace}
}

/** 32 characters: Kiali accepts 16, 24 or 32 (kiali config/config.go). */
async function signingKeyFor({auth, namespace}: PlacedSpec, cluster: Cluster): Promise<string | undefined> {
  if (!hasLogin(auth)) return undefined
  const found = await readSigningKey(cluster, namespace)
  return found ?? Buffer.from(randomBytes(16).toString('hex'), 'utf8').toString('base64')
}

/** What an earlier run created, and the manifests no longer contain, is removed. */
function changesOf(addons: readonly Addon[], {memberships}: AddonFacts, cluster: string, run: Run): Change[] {
  const changes = buildAddons(addons)
  const pruned = [...memberships.values()].flatMap(membership => {
    reportLabelled(cluster, membership, membership.unrecorded, changes, run)
    const memberOf = membership.set
    return pruneChanges(cluster, membership.objects, changes, () => false).map(removal => ({...removal, memberOf}))
  })
  return [...changes, ...pruned]
}

/** Waits for the pods, then prints what comes next. */
async function finish(
  outcomes: readonly Outcome[],
  addons: readonly Addon[],
  cluster: Cluster,
  run: Run,
): Promise<void> {
  if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
  const workloads = buildAddons(addons).flatMap(change =>
    change.action === 'apply' && isWorkload(change.object) ? [change.object] : [],
  )
  if (run.write.wait)
    for (const {apiVersion, kind, metadata} of workloads)
      await waitForWorkload(cluster, {apiVersion, kind, namespace: metadata.namespace!, name: metadata.name}, run)
  run.terminal.message(nextSteps(addons, run.write.wait))
}

/** Prints all objects (`--dry-run=client`). Connects to no cluster and needs no kubeconfig. */
async function printWithoutCluster(
  raw: RawAddonInstall,
  names: readonly AddonName[],
  context: string,
  run: Run,
): Promise<ExitCode> {
  const cluster = nameWithoutCluster(context, run.access)
  const spec = placed(readSpec(addonInstallFields, raw))
  const manifests = await readManifests(spec, spec.namespace, run.signal)
  const changes = buildAddons(offline(raw, names, manifests, cluster))
  return printPlan([planOffline(cluster, changes, addonApplySet(names[0]!, spec))], run)
}

function offline(raw: RawAddonInstall, names: readonly AddonName[], manifests: Manifests, cluster: string): Addon[] {
  return names.map(name => ({
    name,
    cluster,
    spec: placed(readSpec(addonInstallFields, rawFor(raw, name))),
    manifest: manifests.get(name)!,
    hasJaeger: names.includes('jaeger'),
    signingKey: undefined,
  }))
}

/** All permissions, as far as the input determines them. */
function installRights(raw: RawAddonInstall, names: readonly AddonName[], manifests: Manifests): Right[] {
  const addons = offline(raw, names, manifests, '')
  return addonInstallRights(names, addons[0]!.spec, buildAddons(addons))
}
