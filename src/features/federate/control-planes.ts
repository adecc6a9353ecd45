import {readDefinitions} from '../../control-plane/read-definitions.ts'
import {definitionsToSend, render} from '../../control-plane/render.ts'
import {readRequestedValues} from '../../control-plane/values.ts'
import {waitFailureReason, waitForControlPlane} from '../../control-plane/wait.ts'
import {inCluster} from '../../engine/kubeconfig/in-cluster.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {membersOf, pruneChanges} from '../../engine/plan/prune.ts'
import {exitCodes, MeshError, type Problem} from '../../errors.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import {remoteProfile, remoteValues, withSliceOfFamily, withWebhookPort} from '../../istio/remote.ts'
import {baseChartOf} from '../../istio/render/charts.ts'
import type {ControlPlaneInput} from '../../istio/render/input.ts'
import {mergeTrees, type Tree} from '../../istio/render/tree.ts'
import {contradictions} from '../../istio/render/values.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {injectedNetwork, nameOfPrimary, pilotAddressOf, primaryAmong, remoteSetUp} from '../../mesh/primary-remote.ts'
import type {Run} from '../../run/run.ts'
import {shellWord} from '../../spec/read.ts'
import type {Chart} from '../../tools/helm.ts'
import {buildControlPlane, controlPlaneApplySet, isOfReader, type RenderedObject} from './objects-control-plane.ts'
import type {Federation} from './spec.ts'

/** Mesh ID where neither the user nor a control plane says one (Istio's own guide). */
const defaultMeshId = 'mesh1'

/** What all control planes of a mesh have in common. */
function commonOf(spec: Federation, all: readonly MeshMember[]): {meshId: string; trustDomain: string | undefined} {
  const known = all.flatMap(({controlPlane}) => (controlPlane ? [controlPlane] : []))
  return {
    meshId: spec.meshId ?? known.find(({meshId}) => meshId !== undefined)?.meshId ?? defaultMeshId,
    trustDomain: spec.trustDomain ?? known[0]?.trustDomain,
  }
}

/** Whether a control plane runs that has the values of this mesh. */
function fits(spec: Federation, member: MeshMember, common: ReturnType<typeof commonOf>): boolean {
  const plane = member.controlPlane
  if (!plane || plane.cluster !== member.cluster || plane.meshId !== common.meshId) return false
  if (plane.trustDomain !== (common.trustDomain ?? plane.trustDomain)) return false
  if (spec.mode === 'primary-remote' && !plane.servesRemotes) return false
  return spec.singleNetwork || plane.network === member.network
}

/** Whether a remote, set up by others, asks the primary's istiod for what this mesh calls it. */
function isSetUp(spec: Federation, member: MeshMember, all: readonly MeshMember[]): boolean {
  const primary = primaryAmong(all)
  const network = injectedNetwork(member, primary, spec.singleNetwork)
  const {named, leadsThere, dials} = remoteSetUp(member, pilotAddressOf(spec.remotePilotAddress, primary), network)
  return named && leadsThere && dials
}

/** What earlier runs rendered in a cluster that was read. Throws InClusterError. */
function madeOf({cluster, facts}: MeshMember, spec: Federation): Promise<KubernetesObject[]> {
  return inCluster(cluster, () => membersOf(facts!.cluster, controlPlaneApplySet(spec)))
}

/**
 * The clusters as they will be: one whose control plane is to be rendered (none runs, its values do not fit, or an earlier
 * run made it) has the control plane that it will get; a remote never has one. With `--control-plane keep` nothing changes.
 */
export async function withRendered(spec: Federation, all: readonly MeshMember[]): Promise<MeshMember[]> {
  if (spec.controlPlane === 'keep') return [...all]
  const common = commonOf(spec, all)
  return Promise.all(
    all.map(async member => {
      const made = member.facts ? await madeOf(member, spec) : []
      if (member.primary !== undefined)
        return made.length === 0 && isSetUp(spec, member, all) ? member : {...member, rendered: {created: made}}
      if (made.length === 0 && fits(spec, member, common)) return member
      const controlPlane: ControlPlane = {
        revision: spec.revision ?? 'default',
        namespace: spec.systemNamespace,
        version: undefined,
        cluster: member.cluster,
        network: spec.singleNetwork ? undefined : member.network,
        meshId: common.meshId,
        trustDomain: common.trustDomain ?? 'cluster.local',
        replicas: 1,
        ready: 1,
        capturesDns: spec.mode === 'gateways' && spec.dns === 'istio',
        allocatesAddresses: true,
        servesRemotes: spec.mode === 'primary-remote',
      }
      return {...member, controlPlane, rendered: {created: made}}
    }),
  )
}

/** Renders the control planes of the clusters that get one, by the user's own tool, and takes away what it no longer has. */
export async function controlPlaneChanges(spec: Federation, all: readonly MeshMember[], run: Run): Promise<Change[]> {
  const rendering = all.filter(({rendered}) => rendered !== undefined)
  if (rendering.length === 0) return []
  const said = await readRequestedValues(spec)
  // all of them end before one that failed is told: each tidies up the file with its values
  const settled = await Promise.allSettled(
    rendering.map(async member => {
      const remote = member.primary === undefined ? undefined : remoteInputOf(spec, member, all, said)
      const input = remote ?? inputOf(spec, member, said)
      refuseContradictions(input, member)
      const {objects, definitions} = await render(
        {...spec, via: spec.controlPlane as Via, base: remote ? undefined : baseOf(spec, member)},
        input,
        run.signal,
      )
      const live = member.facts
        ? await inCluster(member.cluster, () => readDefinitions(member.facts!.cluster, run.access.manager))
        : new Map()
      const sent = definitionsToSend(definitions, live)
      const {cluster} = member
      const {systemNamespace, revision, controlPlane: via} = spec
      const built = buildControlPlane(
        {cluster, systemNamespace, revision, via, remote: remote !== undefined},
        objects.map(object => (remote ? asOfRemote(object, remote.address, nameOfPrimary(member, all)) : {object})),
        sent.map(({read}) => read()),
      )
      const pruned = pruneChanges(cluster, member.rendered!.created, built, object => isOfReader(object, systemNamespace))
      // what a remote asked its primary by goes when it asks by something else
      return [...built, ...(remote ? pruned.map(change => ({...change, wave: waves.remoteControlPlane})) : pruned)]
    }),
  )
  const failed = settled.find(one => one.status === 'rejected')
  if (failed) throw failed.reason
  return settled.flatMap(one => (one.status === 'fulfilled' ? one.value : []))
}

type Via = 'istioctl' | 'helm' | 'sail'

/** The base chart, and whether the cluster lacks what only that has. */
function baseOf(spec: Federation, {facts}: MeshMember): Chart['base'] {
  const reference = baseChartOf(spec.chart)
  return reference === undefined ? undefined : {reference, needed: facts?.hasIstioCrds === false}
}

/** The flag of `mesh federate` that says what a path among the values does. */
const flagFor: Record<string, string> = {
  revision: '--revision REV',
  'global.istioNamespace': '--system-namespace NS',
  'global.meshID': '--mesh-id ID',
  'global.multiCluster.clusterName': '--cluster-name CTX=NAME',
  'global.network': '--network CTX=NET',
  'meshConfig.trustDomain': '--trust-domain DOMAIN',
}

/** Names that all clusters are joined by have one place to be said. Throws MeshError (exit 2). */
function refuseContradictions(input: ControlPlaneInput, {cluster}: MeshMember): void {
  const against = contradictions(input)
  if (against.length > 0)
    throw new MeshError(
      against.map(({path, said, must}) => ({
        message: `--set or --values give ${path} as ${said}, and that of ${cluster} is ${must}`,
        hints: [`leave it out there; ${flagFor[path]} says it`],
      })),
      exitCodes.usage,
    )
}

function inputOf(spec: Federation, member: MeshMember, said: ControlPlaneInput['requested']): ControlPlaneInput {
  const capture = {meshConfig: {defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'true'}}}}
  const ours = mergeTrees(
    spec.certProvider === 'istiod' ? {} : {global: {pilotCertProvider: spec.certProvider}},
    spec.mode === 'primary-remote' ? {global: {externalIstiod: true}} : {},
    // names under .global are answered by the sidecars
    spec.mode === 'gateways' && spec.dns === 'istio' ? capture : {},
  )
  const {meshId, network, trustDomain} = member.controlPlane!
  return {
    namespace: spec.systemNamespace,
    revision: spec.revision,
    profile: spec.profile,
    meshId,
    clusterName: member.cluster,
    network,
    trustDomain,
    isDefault: false,
    requested: {...said, values: mergeTrees(ours, said.values)},
  }
}

/** Stands for the primary's address until that is known (RFC 5737: an address of nobody). */
const standIn = '192.0.2.1'

/** What a remote is rendered from; `address` is undefined as long as the primary's gateway has none. */
function remoteInputOf(
  spec: Federation,
  member: MeshMember,
  all: readonly MeshMember[],
  said: ControlPlaneInput['requested'],
): ControlPlaneInput & {address: string | undefined} {
  const {cluster} = member
  const primary = primaryAmong(all)
  const address = pilotAddressOf(spec.remotePilotAddress, primary)
  const network = injectedNetwork(member, primary, spec.singleNetwork)
  return {
    namespace: spec.systemNamespace,
    revision: spec.revision,
    profile: remoteProfile,
    meshId: primary?.controlPlane?.meshId,
    clusterName: cluster,
    network,
    isDefault: false,
    requested: {
      values: mergeTrees(withoutProfile(said.values), remoteValues(address ?? standIn, cluster, network)),
      operator: withoutProfile(said.operator),
    },
    address,
  }
}

/** A profile that was said is the primary's; that of a remote is given. */
function withoutProfile({profile: _profile, ...others}: Tree): Tree {
  return others
}

/** What depends on the primary's address, or on whether that is a name, is not complete without it. */
function asOfRemote(object: KubernetesObject, address: string | undefined, primary: string): RenderedObject {
  if (address !== undefined) return {object: withSliceOfFamily(withWebhookPort(object, address), address)}
  const depends =
    ['Service', 'MutatingWebhookConfiguration'].includes(object.kind) || JSON.stringify(object).includes(standIn)
  return depends
    ? {object, pending: `${standIn} stands for the address of the gateway of ${primary}, which is found during apply`}
    : {object}
}

/** Waits until the control planes that were rendered answer, side by side. Returns what went wrong, by cluster. */
export async function waitForControlPlanes(
  spec: Federation,
  all: readonly MeshMember[],
  run: Run,
): Promise<[string, Problem][]> {
  if (!run.write.wait || spec.controlPlane === 'keep') return []
  const troubles = await Promise.all(
    all.map(async (member): Promise<[string, Problem] | undefined> => {
      const {cluster, facts} = member
      const names = {name: cluster, systemNamespace: spec.systemNamespace, revision: spec.revision ?? 'default'}
      try {
        await waitForControlPlane(facts!.cluster, spec.controlPlane, names, run)
        return undefined
      } catch (error) {
        const kubectl = `kubectl --context ${shellWord(member.context)} -n ${spec.systemNamespace}`
        const hints = [`${kubectl} describe pods -l app=istiod`]
        return [cluster, {message: `${cluster}: ${waitFailureReason(error)}`, hints}]
      }
    }),
  )
  return troubles.filter(trouble => trouble !== undefined)
}
