import {isDeepStrictEqual} from 'node:util'
import {controlPlaneExists} from '../../control-plane/checks.ts'
import type {ControlPlaneRef} from '../../control-plane/read.ts'
import {readTrustedMembership} from '../../control-plane/trusted-membership.ts'
import {checkRights} from '../../engine/cluster/rights/rights.ts'
import type {Right} from '../../engine/kubernetes/access-rules.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Membership} from '../../engine/plan/membership.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import {type ExitCode, exitCodes, refusedError} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {readMeshHost} from '../../istio/mesh-host.ts'
import {askInRun} from '../../run/ask-missing.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {confirmChange} from '../../run/confirm.ts'
import {printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {reportLabelled} from '../../run/report-unrecorded.ts'
import {rightsOf, rightsOfSet} from '../../run/rights-of.ts'
import {connect, type Run} from '../../run/run.ts'
import {announceRisks, settingsInput} from '../../run/settings.ts'
import {nameOfCluster, nameWithoutCluster, withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {mergeSettings, readMerged, riskyChanges, type SettingsInput} from '../../spec/settings.ts'
import {shellWord} from '../../text/shell-word.ts'
import {attachChecks, authzRights} from './checks-attach.ts'
import {formatLabels, type ResolvedTarget, resolveTarget} from './istio-target.ts'
import {type Authorizer, buildProvider, type Provider} from './objects.ts'
import {type AuthzFacts, readAuthzFacts} from './read.ts'
import {allChanges, isPrinted, otherUsers, placesOf} from './records/changes.ts'
import {formerUnused} from './records/checks-former.ts'
import {recordOf} from './records/objects.ts'
import {existingFits} from './records/objects-use.ts'
import {readAuthzRecords} from './records/read.ts'
import {formatProviderValues, indentedLines} from './report.ts'
import {
  authzApplySet,
  authzAttachFields,
  authzPlaceFields,
  type CompleteAuthz,
  validateAttachName,
  validateAuthzAttach,
} from './spec.ts'

type RawAttach = RawSpec<typeof authzAttachFields>

/**
 * Protects workloads with an external authorizer: writes its provider, then the policy that uses it.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if a check or a write fails
 */
export async function attachAuthorizer(input: RawAttach, context: string, run: Run): Promise<ExitCode> {
  if (run.write.dryRun === 'client')
    return printWithoutCluster(withContextNamespace(input, context, run.access), context, run)
  const named = await askInRun(authzAttachFields, input, run, async raw =>
    (await loadQuestions()).askAuthzName(raw, run.terminal),
  )
  const where = readSpec(authzPlaceFields, named, validateAttachName)
  const needs = () => attachRights(withContextNamespace(named, context, run.access))
  const cluster = await connect(run.access, context, needs)
  const [facts, records] = await Promise.all([
    readAuthzFacts(cluster, where),
    readAuthzRecords(cluster, where.systemNamespace),
  ])
  const {revision} = facts
  requireControlPlane({...where, revision}, facts, run)
  const record = recordOf(records, where.name!, revision)
  const set = record?.set ?? authzApplySet({...where, name: where.name!})
  const membership = await readTrustedMembership(cluster, set)
  const settings = await withAnswers(settingsInput(authzAttachFields, named, membership.parent, run), facts, run)
  const merged = readMerged(authzAttachFields, settings, mergeSettings(authzAttachFields, settings), raw =>
    readAttach(withContextNamespace(raw, context, run.access)),
  )
  const spec = {...merged, revision}
  const name = nameOfCluster(facts.controlPlane.controlPlane, cluster.context)
  const {isTenant} = facts.controlPlane
  const authorizer = {cluster: name, spec, host: hostOf(spec), target: requireTarget(spec, facts, membership), isTenant}
  const lacking = await checkRights(cluster, authzRights(spec, authorizer.target))
  const denied = lacking.length === 0 ? [] : await cluster.lacks(lacking)
  const {owns, adopts, objects, unrecorded} = membership
  const isOurs = (object: KubernetesObject) => owns(object) || adopts(object, run.access.manager)
  const places = placesOf(authorizer, facts, record)
  const users = otherUsers(spec.name, facts, isOurs)
  const findings = [
    ...runChecks(attachChecks, {...authorizer, facts, denied, isOurs}),
    ...runChecks([existingFits], {spec, ...places}),
    ...runChecks([formerUnused], {users, ...places}),
  ]
  reportFindings(findings, run)
  const provider = buildProvider(spec, authorizer.host)
  if (isPrinted(spec) && !isLive(provider, facts)) return printProvider(spec, facts, provider, run)
  const changes = await allChanges(authorizer, facts, record, users)
  reportLabelled(name, membership, unrecorded, changes, run)
  announceRisks(riskyChanges(authzAttachFields, settings, spec), run)
  await confirmFailOpen(authorizer, run)
  // What an earlier run created for another target or with another --via.
  const pruned = pruneChanges(name, objects, changes, () => false)
  const change = {cluster, name, changes: [...changes, ...pruned], set}
  const {exit} = await changeClusters([change], {question: `Apply this to ${name}?`}, run, outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    const isEdited = outcomes.some(({step, result}) => step.change.action === 'edit' && result === 'ok')
    if (isEdited && spec.via === 'mesh-config') printValuesToKeep(spec, facts, provider, run)
    run.terminal.message(`kubectl mesh authz verify ${shellWord(spec.name)} checks the authorizer`)
  })
  return exit
}

function readAttach(raw: RawAttach): CompleteAuthz {
  return readSpec(authzAttachFields, raw, validateAuthzAttach) as CompleteAuthz
}

/** Without a control plane, the target and the service would be reported as missing too. */
function requireControlPlane(spec: ControlPlaneRef, facts: AuthzFacts, run: Run): void {
  const findings = runChecks([controlPlaneExists], {spec, controlPlane: facts.controlPlane})
  // The checks of attaching report its warnings.
  reportFindings(
    findings.filter(({level}) => level === 'error'),
    run,
  )
}

function requireTarget(spec: CompleteAuthz, facts: AuthzFacts, {objects}: Membership): ResolvedTarget {
  const recorded = objects.map(({metadata}) => metadata.namespace ?? '')
  const resolved = resolveTarget(spec, facts, recorded)
  if ('missing' in resolved) throw refusedError(resolved.missing, resolved.hint)
  return resolved.target
}

/** The full host of the service. `namespace/host` stays as it is. */
function hostOf({service, namespace, clusterDomain}: CompleteAuthz): string {
  return service.host.includes('/') ? service.host : readMeshHost(service.host, namespace, clusterDomain).host
}

function isLive(provider: Provider, facts: AuthzFacts): boolean {
  return (facts.mesh.extensionProviders ?? []).some(live => isDeepStrictEqual(live, provider))
}

/** Prints the provider for the user to apply. The policy has to wait: without its provider, it denies every request. */
function printProvider(spec: CompleteAuthz, facts: AuthzFacts, provider: Provider, run: Run): ExitCode {
  run.terminal.print(formatProviderValues({...spec, live: facts.mesh.extensionProviders ?? [], provider}))
  run.terminal.message('nothing was changed: apply these values, then run this command again to create the policy')
  return exitCodes.ok
}

/** Asks for confirmation of a gateway that forwards every request while the authorizer does not respond. */
async function confirmFailOpen({spec, target}: Authorizer, run: Run): Promise<void> {
  if (spec.fail !== 'open' || !target.isGateway) return
  run.terminal.message(
    'warning: with --fail open, this gateway forwards every request when the authorizer does not respond',
  )
  if (run.write.dryRun === 'none' && run.terminal.interactive)
    await confirmChange('Forward requests without authorization when the authorizer does not respond?', run)
}

/** Helm and istioctl replace the whole mesh config with every upgrade. */
function printValuesToKeep(spec: CompleteAuthz, facts: AuthzFacts, provider: Provider, run: Run): void {
  const values = formatProviderValues({...spec, live: facts.mesh.extensionProviders ?? [], provider})
  run.terminal.message(
    'hint:  the next helm upgrade or istioctl install replaces the mesh config. Add this to its values (istioctl: below spec):',
  )
  run.terminal.message(indentedLines(values))
}

/** `--dry-run=client`: the objects with the labels that gateways and workloads have by convention. */
async function printWithoutCluster(raw: RawAttach, context: string, run: Run): Promise<ExitCode> {
  const spec = readAttach(raw)
  const cluster = nameWithoutCluster(context, run.access)
  const host = hostOf(spec)
  if (isPrinted(spec)) {
    run.terminal.print(formatProviderValues({...spec, live: [], provider: buildProvider(spec, host)}))
    return exitCodes.ok
  }
  const target = conventionalTarget(spec)
  if (spec.to && spec.to.kind !== 'namespace')
    run.terminal.message(
      `warning: assuming that ${spec.to.kind} ${spec.to.name} has the labels ${formatLabels(target.labels)}; -l sets others`,
    )
  const changes = await allChanges({cluster, spec, host, target, isTenant: false}, undefined, undefined)
  return printPlan([planOffline(cluster, changes, authzApplySet(spec))], run)
}

/** All permissions to attach an authorizer, as far as the input determines them. */
async function attachRights(raw: RawAttach): Promise<Right[]> {
  const spec = readAttach(raw)
  const authorizer = {cluster: '', spec, host: hostOf(spec), target: conventionalTarget(spec), isTenant: false}
  const changes = await allChanges(authorizer, undefined, undefined)
  return [...rightsOfSet(authzApplySet(spec), {verbs: []}), ...rightsOf(changes)]
}

function conventionalTarget({to, selector, namespace}: CompleteAuthz): ResolvedTarget {
  if (!to) return {namespace, labels: selector, isGateway: false}
  if (to.kind === 'namespace') return {namespace: to.name, labels: {}, isGateway: false}
  if (to.kind === 'workload') return {namespace, labels: {app: to.name}, isGateway: false}
  return {namespace, labels: {istio: to.name.replace(/^istio-/, '')}, isGateway: true}
}

/** Questions are loaded only on a terminal. */
function loadQuestions() {
  return import('./questions.ts')
}

type AttachSettings = SettingsInput<typeof authzAttachFields>

/** Asks for what neither the input nor the stored settings contain. */
async function withAnswers(settings: AttachSettings, facts: AuthzFacts, run: Run): Promise<AttachSettings> {
  const merged = mergeSettings(authzAttachFields, settings)
  const requested = await askInRun(authzAttachFields, settings.requested, run, async raw => ({
    ...raw,
    ...(await (await loadQuestions()).askAuthz(merged, facts, run.terminal)),
  }))
  return {...settings, requested}
}
