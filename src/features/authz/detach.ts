import {meshConfigReadable} from '../../control-plane/checks.ts'
import {type ControlPlaneFacts, type ControlPlaneRef, readControlPlaneFacts} from '../../control-plane/read.ts'
import {readTrustedMembership} from '../../control-plane/trusted-membership.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import type {Edit} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Membership} from '../../engine/plan/membership.ts'
import {type ExitCode, exitCodes, MeshError, type Problem, refusedError} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {revisioned} from '../../istio/names.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {reportAbsent} from '../../run/report-absent.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {reportUnrecorded} from '../../run/report-unrecorded.ts'
import {connect, type Run} from '../../run/run.ts'
import {nameOfCluster} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {count} from '../../text/count.ts'
import {shellWord} from '../../text/shell-word.ts'
import {appliesTo, customPolicies, policyTitle, providerOf} from './istio.ts'
import {buildDetach} from './objects.ts'
import {type AuthzFacts, readAuthzFacts} from './read.ts'
import {type AuthzRecord, buildRevisions, sharedPlace} from './records/objects.ts'
import {readAuthzRecords} from './records/read.ts'
import {detachRights} from './records/rights.ts'
import {formatProviderValues, indentedLines} from './report.ts'
import {type AuthorizerRef, authzApplySet, authzDetachFields, validateAuthzName, viaOptions} from './spec.ts'
import {revisionOf} from './target/istio.ts'

/**
 * Removes an authorizer: its policy, then its provider unless another policy uses it.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if the authorizer is in use or a write fails
 */
export async function detachAuthorizer(
  raw: RawSpec<typeof authzDetachFields>,
  context: string,
  run: Run,
): Promise<ExitCode> {
  refuseClientDryRun(run)
  const input = readSpec(authzDetachFields, raw, validateAuthzName)
  const cluster = await connect(run.access, context, detachRights(input))
  const [facts, records] = await Promise.all([
    readAuthzFacts(cluster, input),
    readAuthzRecords(cluster, input.systemNamespace),
  ])
  const spec: AuthorizerRef = {...input, name: input.name!, revision: facts.revision}
  const found = records.filter(({name}) => name === spec.name)
  const members = await readMembers(cluster, spec, found, run)
  const created = members.flatMap(({membership}) => membership.objects)
  const name = nameOfCluster(facts.controlPlane.controlPlane, cluster.context)
  reportUnrecorded(
    name,
    members.flatMap(({membership}) => membership.unrecorded),
    run,
    true,
  )
  if (found.length === 0 && created.length === 0) {
    refuseForeign(spec.name, facts, members)
    const existing = [...new Set(records.map(record => record.name))]
    const where = `namespace ${spec.systemNamespace} of ${name}`
    return reportAbsent({what: `authorizer ${spec.name}`, where, plural: 'authorizers', existing}, run)
  }
  const scope = await readScope(cluster, spec, input.revision !== undefined, found, facts)
  // A missing control plane is no error: its authorizers can be removed after it.
  for (const controlPlane of scope.controlPlanes)
    reportFindings(runChecks([meshConfigReadable], {spec: controlPlane.where, controlPlane: controlPlane.facts}), run)
  const via = viaOptions.find(option => option === (found[0]?.parent.data as {via?: string} | undefined)?.via)
  const isInValues = via === 'helm-values' || via === 'sail'
  const providers = isInValues ? [] : await providerRemovals(spec, scope, found, name)
  const owns = (object: KubernetesObject) => members.some(({membership}) => membership.owns(object))
  // The provider of another owner stays, and so do the policies that use it.
  const losesProvider = isInValues || providers.length > 0
  if (scope.remaining.length > 0) announceDenied(servedProblems(spec, facts), input.force, run)
  else if (losesProvider) announceDenied(usedProblems(spec.name, facts, owns), input.force, run)
  const changes =
    scope.remaining.length === 0
      ? buildDetach(
          name,
          members.map(({set, membership}) => ({set, created: membership.objects})),
          providers,
        )
      : [...found.map(record => buildRevisions(record, scope.remaining, name)), ...providers]
  const change = {cluster, name, changes, set: members[0]!.set}
  const where = scope.remaining.length === 0 ? name : `revision ${spec.revision ?? 'default'} of ${name}`
  const confirmation = {question: `Detach ${spec.name} in ${where}?`, typed: spec.name}
  const {exit} = await changeClusters([change], confirmation, run, outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    if (losesProvider) printRemainingValues(spec, via, facts, run)
  })
  return exit
}

interface Members {
  set: ApplySet
  membership: Membership
}

/** The members of each record. Without a record, those that --trust-labels finds. */
async function readMembers(
  cluster: Cluster,
  spec: AuthorizerRef,
  records: readonly AuthzRecord[],
  {write: {trustLabels}}: Run,
): Promise<Members[]> {
  const sets = records.length > 0 ? records.map(({set}) => set) : [authzApplySet(spec)]
  return Promise.all(
    sets.map(async set => ({set, membership: await readTrustedMembership(cluster, set, {trustLabels})})),
  )
}

/** The control planes from which an authorizer is detached. */
interface DetachScope {
  controlPlanes: {where: ControlPlaneRef; facts: ControlPlaneFacts}[]
  /** Installed revisions that keep the authorizer. */
  remaining: string[]
}

/**
 * Without `--revision`, an authorizer is detached from all revisions. With it, the policies stay if another installed revision has
 * the provider.
 */
async function readScope(
  cluster: Cluster,
  {systemNamespace, revision}: AuthorizerRef,
  isRequested: boolean,
  records: readonly AuthzRecord[],
  facts: AuthzFacts,
): Promise<DetachScope> {
  const own = revision ?? 'default'
  const recorded = [...new Set(records.flatMap(({revisions}) => revisions))]
  const installed = recorded.filter(one => one !== own && facts.otherRevisions.has(one))
  const chosen = isRequested ? [own] : [...new Set([...recorded, own])]
  const controlPlanes = await Promise.all(
    chosen.map(async one => {
      const where = {systemNamespace, revision: one === 'default' ? undefined : one}
      return {where, facts: one === own ? facts.controlPlane : await readControlPlaneFacts(cluster, where)}
    }),
  )
  return {controlPlanes, remaining: isRequested ? installed : []}
}

/** The policies stay, so proxies of the revision would deny every request without the provider. */
function servedProblems({name, revision}: AuthorizerRef, facts: AuthzFacts): Problem[] {
  const own = revision ?? 'default'
  const policies = customPolicies(facts.allPolicies).filter(policy => providerOf(policy) === name)
  const rootNamespace = facts.mesh.rootNamespace ?? facts.controlPlane.controlPlane?.namespace ?? ''
  const pods = facts.pods.filter(
    pod => revisionOf(pod, facts.tags) === own && policies.some(policy => appliesTo(policy, pod, rootNamespace)),
  )
  if (pods.length === 0) return []
  return [
    {
      message: `${count(pods.length, 'pod')} with a policy of ${name} still ${pods.length === 1 ? 'runs' : 'run'} revision ${own}; without the provider, istiod denies all requests to them`,
      hints: ['move the workloads to another revision first, or omit --revision to detach the authorizer everywhere'],
    },
  ]
}

/** @throws MeshError (exit 3) if a provider of the name, or an object with its label, exists without a record */
function refuseForeign(name: string, facts: AuthzFacts, members: readonly Members[]): void {
  const isLabelled = members.some(({membership}) => membership.unrecorded.length > 0)
  if (!isLabelled && !facts.providers.some(provider => provider.name === name)) return
  throw refusedError(
    `${name} was not attached by kubectl mesh`,
    isLabelled
      ? 'check the objects above, then add --trust-labels to remove them'
      : 'the mesh config has a provider of this name from another owner; kubectl mesh authz list shows it',
  )
}

/**
 * The policies of other namespaces must not block the removal indefinitely: whoever administers a namespace can create one.
 *
 * @throws MeshError (exit 3) without --force
 */
function announceDenied(problems: readonly Problem[], force: boolean, run: Run): void {
  const [last] = problems.slice(-1)
  if (!last) return
  if (force) {
    run.terminal.message(problems.map(({message}) => `warning: ${message}`))
    return
  }
  const hint = 'add --force to detach it anyway; istiod then denies every request to the workloads of these policies'
  throw new MeshError([...problems.slice(0, -1), {...last, hints: [...(last.hints ?? []), hint]}], exitCodes.refused)
}

/** A policy without its provider denies every request. */
function usedProblems(name: string, facts: AuthzFacts, owns: (object: KubernetesObject) => boolean): Problem[] {
  const users = customPolicies(facts.allPolicies).filter(policy => providerOf(policy) === name && !owns(policy))
  return users.map(policy => ({
    message: `${policyTitle(policy)} still uses ${name} and is not managed by kubectl-mesh; without the provider, istiod denies every request to its workloads`,
    hints: [
      `ask its owner to use another provider: kubectl -n ${shellWord(policy.metadata.namespace ?? '')} get authorizationpolicy ${shellWord(policy.metadata.name)} -o yaml`,
    ],
  }))
}

async function providerRemovals(
  {name, systemNamespace}: AuthorizerRef,
  {controlPlanes, remaining}: DetachScope,
  records: readonly AuthzRecord[],
  cluster: string,
): Promise<Edit[]> {
  // Loaded on demand: it needs a YAML library that keeps comments.
  const {buildProviderRemoval, hasProvider} = await import('./objects-provider.ts')
  const keeps = (place: string) =>
    records.some(({existing}) => existing.includes(place)) ||
    // The provider of an EnvoyFilter is in no mesh config: one of this name has another owner.
    (records.length > 0 && records.every(({via, former}) => via === 'envoy-filter' && !former.includes(place)))
  const undoAt = (place: string) => records.map(({undo}) => undo.get(place)).find(Boolean)
  const maps = controlPlanes.flatMap(({where, facts: {meshMap, meshText, shared}}) => [
    ...(meshMap && !keeps(where.revision ?? 'default')
      ? [{name: revisioned('istio', where.revision), shared: false, text: meshText, place: where.revision ?? 'default'}]
      : []),
    // The revisions that keep the authorizer may read the same shared mesh config.
    ...(shared?.text === undefined || remaining.length > 0 || keeps(sharedPlace)
      ? []
      : [{name: shared.name, shared: true, text: shared.text, place: sharedPlace}]),
  ])
  return [...new Map(maps.map(map => [map.name, map])).values()]
    .filter(({text}) => hasProvider(text, name))
    .map(map => buildProviderRemoval({...map, cluster, namespace: systemNamespace}, name, undoAt(map.place)))
}

/** A provider that stays in the values of an installation returns with the next upgrade. */
function printRemainingValues(
  spec: AuthorizerRef,
  via: (typeof viaOptions)[number] | undefined,
  facts: AuthzFacts,
  run: Run,
): void {
  if (via === 'mesh-config')
    run.terminal.message(`hint:  if you added ${spec.name} to the values of your installation, remove it there too`)
  if (via !== 'helm-values' && via !== 'sail') return
  const live = facts.mesh.extensionProviders ?? []
  const values = formatProviderValues({...spec, via, live, provider: undefined})
  run.terminal.message('hint:  the provider is in the values of your installation. Without it, they are:')
  run.terminal.message(indentedLines(values))
}
