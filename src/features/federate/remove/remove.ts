import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {applySetId, partOfLabel} from '../../../engine/kubernetes/applyset.ts'
import type {Change, Remove} from '../../../engine/kubernetes/change.ts'
import {peerAnnotation} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject, ObjectRef} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import type {Outcome} from '../../../engine/plan/apply.ts'
import {compareCluster} from '../../../engine/plan/compare.ts'
import {type ClusterPlan, hasDifferences, type Step} from '../../../engine/plan/plan.ts'
import {membersOf, pruneChanges} from '../../../engine/plan/prune.ts'
import {type ExitCode, exitCodes, MeshError, messageOf, type Problem} from '../../../errors.ts'
import {isSharedToken} from '../../../istio/names.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import {credentialsIn, type MeshMember, resolveMember} from '../../../mesh/members.ts'
import {readFederationFacts} from '../../../mesh/read.ts'
import {readGatewaysRecord, readRemoteRecord} from '../../../mesh/record.ts'
import {readServiceImport, servicesApplySet, withoutExporters} from '../../../mesh/services/objects.ts'
import {buildServiceImports} from '../../../mesh/services/objects-removal.ts'
import {applyPlans, exitOf, failuresOf, refuseConflicts} from '../../../run/apply-plan.ts'
import {confirmByName} from '../../../run/confirm.ts'
import {printPlan, showBeforeApply} from '../../../run/print-plan.ts'
import {connect, type Run} from '../../../run/run.ts'
import {flagsFor, type RawSpec, readSpec, shellWord} from '../../../spec/read.ts'
import {dnsCleanup} from '../dns.ts'
import {isNetworkLabelOurs} from '../objects.ts'
import {controlPlaneApplySet} from '../objects-control-plane.ts'
import {formatRemovalReport} from '../report.ts'
import {buildLeaverCleanup, buildPeerCleanup} from './objects.ts'
import {type FederationRemove, federationRemoveFields, federationRemoveProblems} from './spec.ts'

/** A cluster that was asked, or why it did not answer. */
type Asked = {member: MeshMember; error?: undefined} | {member: MeshMember; error: unknown}

/**
 * Takes clusters out of a mesh. Those that stay forget them first and revoke what they hold, so that no traffic goes
 * where a gateway is about to vanish; then what was made in the leaving clusters is pruned, as far as they answer.
 */
export async function removeFederation(raw: RawSpec<typeof federationRemoveFields>, run: Run): Promise<ExitCode> {
  const spec = readSpec(federationRemoveFields, raw, federationRemoveProblems)
  const staying = await Promise.all(spec.from.map(context => ask(spec, context, run)))
  const leaving = await Promise.all(spec.contexts.map(context => ask(spec, context, run)))
  refuseUnreachable(spec, staying, leaving)
  refuseOrphans(staying, leaving)
  const answering = leaving.filter(({error}) => error === undefined).map(({member}) => member)
  const survivors = staying.map(({member}) => member)
  const gone = leaving.map(({member}) => member.cluster)
  warnOfRest(leaving, staying, run)
  warnOfShared(spec, survivors, gone, run)
  warnOfUnknown(leaving, survivors, run)

  const forgets = await Promise.all(
    survivors.map(async member =>
      joinPlans(
        await compareImports(spec, member, gone, run),
        await compare(
          spec,
          member,
          buildPeerCleanup({...member.facts!, remoteSecrets: ownSecrets(spec, member), cluster: member.cluster}, gone),
          run,
        ),
      ),
    ),
  )
  const farewells = await Promise.all(
    answering.map(async member =>
      joinPlans(
        await compareImports(spec, member, undefined, run),
        await compare(spec, member, await farewellOf(member, spec, leaving, run), run),
      ),
    ),
  )
  const plans = [...forgets, ...farewells]
  if (run.write.dryRun !== 'none') return printPlan(plans, run)
  refuseConflicts(plans)
  if (hasDifferences(plans)) {
    await showBeforeApply(plans, run)
    await confirmByName(`${gone.join(', ')} leave${gone.length === 1 ? 's' : ''} the mesh.`, gone.join(','), run)
  }
  const outcomes = await applyInOrder(spec, forgets, farewells, [...survivors, ...answering], run)
  run.terminal.print(
    formatRemovalReport(
      [...staying, ...leaving].map(({member, error}) => ({member, reached: error === undefined})),
      new Set(gone),
      outcomes,
      run.write.output,
    ),
  )
  const problems = failuresOf(outcomes).map(([, problem]) => problem)
  const exit = exitOf(outcomes, problems.length > 0, run)
  if (problems.length > 0) {
    const words = [run.command, ...flagsFor(federationRemoveFields, spec).map(shellWord), '--yes']
    const last = problems.at(-1)!
    const hints = [...(last.hints ?? []), `to go on: ${words.join(' ')}`]
    throw new MeshError([...problems.slice(0, -1), {...last, hints}], exit)
  }
  return exit
}

async function ask(spec: FederationRemove, context: string, run: Run): Promise<Asked> {
  try {
    const cluster = await connect(run.access, context)
    return {member: resolveMember(spec, context, await readFederationFacts(cluster, spec))}
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof ApiError || error instanceof MeshError)) throw error
    return {member: resolveMember(spec, context, undefined), error}
  }
}

function refuseUnreachable(spec: FederationRemove, staying: readonly Asked[], leaving: readonly Asked[]): void {
  const wrong = [...staying, ...(spec.unreachableOk ? [] : leaving)].find(({error}) => error instanceof MeshError)
  // a context that the kubeconfig lacks is more likely a slip than a cluster that is gone
  if (wrong) throw wrong.error
  const problems: Problem[] = []
  for (const {member, error} of staying)
    if (error !== undefined) problems.push({message: `${member.context}: ${messageOf(error)}`})
  for (const {member, error} of leaving)
    if (error !== undefined && !spec.unreachableOk)
      problems.push({
        message: `${member.context}: ${messageOf(error)}`,
        hints: ['--unreachable-ok goes on without it'],
      })
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
}

/** A remote lives by its primary, which therefore leaves with it or after it. */
function refuseOrphans(staying: readonly Asked[], leaving: readonly Asked[]): void {
  const named = new Set([...leaving, ...staying].map(({member}) => member.cluster))
  const problems = leaving.flatMap(({member: {cluster, facts}}): Problem[] => {
    const record = readRemoteRecord(facts?.record)
    // what a dead one holds nobody knows; who stays knows whose remote it is
    const held = facts && record && record.primary === undefined ? credentialsIn(facts) : []
    const unnamed = held.map(({target}) => target).filter(target => !named.has(target))
    const led = staying
      .filter(({member}) => readRemoteRecord(member.facts?.record)?.primary === cluster)
      .map(({member}) => member.cluster)
    const remotes = [...led, ...unnamed]
    if (remotes.length === 0) return []
    const them = remotes.length === 1 ? 'which has' : 'which have'
    return [
      {
        message: `${cluster} is the primary of ${remotes.join(', ')}, ${them} no control plane without it`,
        hints: ['take its remotes out first, or name them with --contexts too'],
      },
    ]
  })
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
}

/** Clusters that a leaving one is joined with and that nobody named keep its credential. */
function warnOfRest(leaving: readonly Asked[], staying: readonly Asked[], run: Run): void {
  const named = new Set([...leaving, ...staying].map(({member}) => member.cluster))
  const rest = new Set(
    leaving
      .flatMap(({member: {facts}}) => [
        ...(facts?.remoteSecrets ?? []).flatMap(secret => Object.keys((secret.data ?? {}) as object)),
        // a remote holds nothing, and its primary does
        readRemoteRecord(facts?.record)?.primary,
      ])
      .filter(key => key !== undefined)
      .filter(key => !named.has(key)),
  )
  if (rest.size > 0)
    run.terminal.message(
      `warning: ${[...rest].join(', ')} will still know ${leaving.map(({member}) => member.cluster).join(', ')}\nhint:  name the context of each with --from`,
    )
}

/** Remote Secrets without those that a federation of another revision made: that goes on. */
function ownSecrets(spec: FederationRemove, {facts}: MeshMember): KubernetesObject[] {
  const own = applySetId(federationApplySet(spec))
  return facts!.remoteSecrets.filter(({metadata}) => (metadata.labels?.[partOfLabel] ?? own) === own)
}

/** A cluster that can't be asked may have been called otherwise than its context. */
function warnOfUnknown(leaving: readonly Asked[], survivors: readonly MeshMember[], run: Run): void {
  for (const {member} of leaving.filter(({error}) => error !== undefined)) {
    const {cluster, context} = member
    const isKnown = survivors.some(
      ({facts}) =>
        credentialsIn(facts!).some(({target}) => target === cluster) ||
        facts!.made.some(({metadata}) => metadata.annotations?.[peerAnnotation] === cluster) ||
        facts!.imports.some(entry => Object.hasOwn(readServiceImport(entry).exporters, cluster)),
    )
    if (!isKnown && survivors.length > 0)
      run.terminal.message(
        `warning: ${survivors.map(one => one.cluster).join(', ')}: nothing there is of a cluster called ${cluster}\nhint:  --cluster-name ${shellWord(`${context}=NAME`)} says what it was called`,
      )
  }
}

/** A token that all peers share can't be revoked for one of them alone. */
function warnOfShared(
  spec: FederationRemove,
  survivors: readonly MeshMember[],
  gone: readonly string[],
  run: Run,
): void {
  const shared = survivors.flatMap(({cluster, context, facts}) =>
    (facts?.made ?? [])
      .filter(({metadata}) => isSharedToken(metadata.name))
      .map(({metadata: {name}}) => ({cluster, context, name})),
  )
  for (const {cluster, context, name} of shared)
    run.terminal.message(
      `warning: ${cluster}: the token that ${gone.join(', ')} may hold is shared by all (bundled credentials), and stays good\nhint:  to end it: kubectl --context ${shellWord(context)} -n ${spec.systemNamespace} delete secret ${name}\nhint:  then join those that stay again, which gives them a new one`,
    )
}

async function farewellOf(
  member: MeshMember,
  spec: FederationRemove,
  leaving: readonly Asked[],
  run: Run,
): Promise<Change[]> {
  const {namespace, made, record, dnsConfig} = member.facts!
  const {cluster} = member
  const remoteSecrets = ownSecrets(spec, member)
  const gateways = readGatewaysRecord(record)
  const place = {cluster, systemNamespace: spec.systemNamespace, revision: spec.revision}
  // a DNS server whose configuration is gone has nothing to be put right
  const dns = (await dnsCleanup(place, gateways)).filter(({wave}) => wave !== waves.exposure || dnsConfig !== undefined)
  const known = [
    ...remoteSecrets.flatMap(secret => Object.keys((secret.data ?? {}) as object)),
    ...leaving.map(other => other.member.cluster),
  ]
  const leaver = {
    cluster: member.cluster,
    systemNamespace: namespace,
    remoteSecrets,
    made,
    ownsNetworkLabel: isNetworkLabelOurs(record),
    ownsAnnotation: readRemoteRecord(record)?.ownsAnnotation ?? false,
  }
  return [
    ...dns,
    ...buildLeaverCleanup(leaver, federationApplySet(spec), known),
    ...(await remoteFarewell(member, spec, run)),
  ]
}

/** What made a remote ask its primary goes with it: its webhook would refuse every pod, since nobody answers any more. */
async function remoteFarewell(member: MeshMember, spec: FederationRemove, run: Run): Promise<Change[]> {
  const {cluster, facts} = member
  if (readRemoteRecord(facts!.record)?.primary === undefined) return []
  const set = controlPlaneApplySet(spec)
  const members = await membersOf(facts!.cluster, set)
  const {injector} = facts!.primaryRemote ?? {}
  if (injector && !members.some(({metadata}) => metadata.uid === injector.metadata.uid))
    run.terminal.message(
      `warning: ${cluster}: ${injector.metadata.name} was made by others and stays, though nobody answers it any more: pods that want a sidecar won't start\nhint:  kubectl --context ${shellWord(member.context)} delete mutatingwebhookconfiguration ${injector.metadata.name}`,
    )
  const target: ObjectRef = {apiVersion: 'v1', kind: 'ConfigMap', namespace: set.namespace, name: set.name}
  const parent: Remove = {action: 'remove', cluster, wave: waves.namespaces, target}
  return [...pruneChanges(cluster, members, [], () => false), parent]
}

/**
 * In gateways mode: a cluster that stays forgets what the leaving ones export to it, one that leaves (`gone` undefined)
 * forgets everything.
 */
async function compareImports(
  spec: FederationRemove,
  member: MeshMember,
  gone: readonly string[] | undefined,
  run: Run,
): Promise<ClusterPlan> {
  const {cluster, facts} = member
  const before = facts!.imports.map(readServiceImport)
  if (before.length === 0) return {cluster, steps: []}
  const after = gone === undefined ? [] : before.flatMap(imported => withoutExporters(imported, gone))
  const {systemNamespace, revision} = spec
  const record = gone === undefined ? undefined : readGatewaysRecord(facts!.record)
  const changes = buildServiceImports({cluster, systemNamespace, revision}, {before, after, hasParent: true, record})
  return compareCluster(facts!.cluster, cluster, changes, {
    manager: run.access.manager,
    force: run.write.force,
    applySet: applySetId(servicesApplySet(spec)),
  })
}

function joinPlans(first: ClusterPlan, second: ClusterPlan): ClusterPlan {
  return {cluster: first.cluster, steps: [...first.steps, ...second.steps]}
}

function compare(
  spec: FederationRemove,
  member: MeshMember,
  changes: readonly Change[],
  run: Run,
): Promise<ClusterPlan> {
  return compareCluster(member.facts!.cluster, member.cluster, changes, {
    manager: run.access.manager,
    force: run.write.force,
    applySet: applySetId(federationApplySet(spec)),
  })
}

/**
 * First all remote Secrets and what survivors revoke; the rest only where every cluster has forgotten the leaving ones; a
 * cluster's record last, since by it the next run finds what this one may leave.
 */
async function applyInOrder(
  spec: FederationRemove,
  forgets: readonly ClusterPlan[],
  farewells: readonly ClusterPlan[],
  all: readonly MeshMember[],
  run: Run,
): Promise<Outcome[]> {
  const clusters = new Map<string, Cluster>(all.map(member => [member.cluster, member.facts!.cluster]))
  const {name} = federationApplySet(spec)
  const stageOf = ({change, ref}: Step) =>
    change.wave === waves.remoteSecrets ? 'secrets' : ref.kind === 'ConfigMap' && ref.name === name ? 'record' : 'rest'
  const stage = (which: ReturnType<typeof stageOf>) =>
    farewells.map(({cluster, steps}) => ({cluster, steps: steps.filter(step => stageOf(step) === which)}))
  const untried = (plans: readonly ClusterPlan[]) =>
    plans.flatMap(({cluster, steps}) => steps.map(step => ({cluster, step, result: 'not tried' as const})))
  const first = await applyPlans([...forgets, ...stage('secrets')], clusters, run)
  if (failuresOf(first).length > 0) return [...first, ...untried(stage('rest')), ...untried(stage('record'))]
  const rest = await applyPlans(stage('rest'), clusters, run)
  const failed = new Set(
    rest.filter(({result}) => result !== 'ok' && result !== 'unchanged').map(({cluster}) => cluster),
  )
  const isWell = ({cluster}: ClusterPlan) => !failed.has(cluster)
  return [
    ...first,
    ...rest,
    ...(await applyPlans(stage('record').filter(isWell), clusters, run)),
    ...untried(stage('record').filter(plan => !isWell(plan))),
  ]
}
