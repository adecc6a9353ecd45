import {readDefinitions} from '../../control-plane/read-definitions.ts'
import {baseOf, definitionsToSend, render} from '../../control-plane/render.ts'
import {mergeRequestedValues, readValuesFiles, type ValuesFile} from '../../control-plane/values.ts'
import {inCluster} from '../../engine/kubeconfig/in-cluster.ts'
import type {Change, Remove} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import type {RequestedValues} from '../../istio/render/input.ts'
import type {Definition} from '../../istio/render/manifest.ts'
import {mergeRequested} from '../../istio/render/requested.ts'
import {buildControlPlane, controlPlaneApplySet, isOfReader} from '../../mesh/control-plane/objects.ts'
import {federationValuesData, installedSettings, storedFederationValues} from '../../mesh/control-plane/stored.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {nameOfPrimary} from '../../mesh/primary-remote.ts'
import type {Run} from '../../run/run.ts'
import {completeForRemote, controlPlaneInput, type MemberInput} from './istio-values.ts'
import type {Federation} from './spec.ts'
import {controlPlaneFields} from './spec-control-plane.ts'

/** The values of `--control-plane` with which control planes are rendered. */
type RenderingTool = Exclude<Federation['controlPlane'], 'keep'>

/**
 * Renders the control planes that this run creates or updates.
 *
 * @param all clusters as `resolveControlPlanes` returns them
 * @returns their changes, with removals of the objects that they no longer contain
 * @throws MeshError (exit 2) for `--set` and `--values` that cannot be used, (exit 3) if the tool fails
 */
export async function controlPlaneChanges(spec: Federation, all: readonly MeshMember[], run: Run): Promise<Change[]> {
  const rendering = all.filter(({rendered}) => rendered !== undefined)
  const {controlPlane: tool} = spec
  if (rendering.length === 0 || tool === 'keep') return []
  const values = spec.values.length === 0 ? undefined : await readValuesFiles(spec.values)
  // Every rendering ends before a failure is thrown, because each one removes its temporary file with values.
  const settled = await Promise.allSettled(
    rendering.map(async member => {
      const files = values ?? formerValues(member, run)
      const input = inputOf(spec, member, all, mergeRequestedValues(files, spec.set))
      const source = {input, files, primary: nameOfPrimary(member, all)}
      const changes = await renderChanges(spec, tool, source, member, run)
      return [...changes, ...removalsFor(spec, member, changes)]
    }),
  )
  const failed = settled.find(({status}) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
  return settled.flatMap(one => (one.status === 'fulfilled' ? one.value : []))
}

/** The files that earlier runs used: the record contains them, because a later run may be on another computer. */
function formerValues({rendered}: MeshMember, {write: {complete, reset}}: Run): ValuesFile[] {
  return complete || reset.includes('values') ? [] : storedFederationValues(rendered?.record)
}

/** Keeps what `mesh install` has set for the control plane, below what this run sets. */
function inputOf(
  spec: Federation,
  member: MeshMember,
  all: readonly MeshMember[],
  requested: RequestedValues,
): MemberInput {
  const installed = member.primary === undefined ? installedSettings(member.rendered?.record) : undefined
  if (!installed) return controlPlaneInput(spec, member, all, requested)
  const hasDefault = spec.profile === controlPlaneFields.profile.fallback
  return controlPlaneInput(
    {...spec, profile: hasDefault ? (installed.profile ?? spec.profile) : spec.profile},
    member,
    all,
    mergeRequested(installed.requested, requested),
  )
}

async function renderChanges(
  spec: Federation,
  tool: RenderingTool,
  {input, files, primary}: {input: MemberInput; files: readonly ValuesFile[]; primary: string},
  member: MeshMember,
  run: Run,
): Promise<Change[]> {
  const {remote} = input
  const base = remote ? undefined : baseOf(spec.chart, member.facts?.hasIstioCrds === false)
  const {objects, definitions} = await render({...spec, via: tool, base}, input, run.signal)
  const {cluster, revision} = member
  const {systemNamespace} = spec
  const data = {...installedSettings(member.rendered?.record)?.data, ...federationValuesData(files)}
  return buildControlPlane(
    {cluster, systemNamespace, revision, via: tool, remote: remote !== undefined, data},
    objects.map(object => (remote ? completeForRemote(object, remote.address, primary) : {object})),
    await missingDefinitions(definitions, member, run),
  )
}

async function missingDefinitions(
  definitions: readonly Definition[],
  {cluster, facts}: MeshMember,
  run: Run,
): Promise<KubernetesObject[]> {
  const live = facts ? await inCluster(cluster, () => readDefinitions(facts.cluster, run.access.manager)) : new Map()
  return definitionsToSend(definitions, live).map(({read}) => read())
}

/** The reader account belongs to the federation, so its objects stay. */
function removalsFor(spec: Federation, member: MeshMember, changes: readonly Change[]): Remove[] {
  const created = member.rendered?.created ?? []
  const frame = {systemNamespace: spec.systemNamespace, revision: member.revision}
  const memberOf = controlPlaneApplySet(frame)
  const unused = pruneChanges(member.cluster, created, changes, object => isOfReader(object, frame))
  const removals = unused.map(change => ({...change, memberOf}))
  if (member.primary === undefined) return removals
  // What leads a remote to its primary is removed together with what replaces it.
  return removals.map(removal => ({...removal, wave: waves.remoteControlPlane}))
}
