import {messageOf, type Problem} from '../../errors.ts'
import {readDefinitions} from '../../facts/definitions.ts'
import type {Joining} from '../../facts/members.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import type {ControlPlaneInput} from '../../istio/render/input.ts'
import {mergeTrees} from '../../istio/render/tree.ts'
import type {Change} from '../../manifests/change.ts'
import {buildControlPlane, controlPlaneApplySet} from '../../manifests/control-plane.ts'
import {membersOf, pruneChanges} from '../../plan/prune.ts'
import type {Federation} from '../../specs/federation.ts'
import type {Run} from '../run.ts'
import {definitionsToSend, readSaid, render} from '../tenant/control-plane.ts'
import {waitForControlPlane} from '../tenant/wait.ts'

/** Mesh ID where neither the user nor a control plane says one (Istio's own guide). */
const defaultMeshId = 'mesh1'

/** What all control planes of a mesh have in common. */
function commonOf(spec: Federation, all: readonly Joining[]): {meshId: string; trustDomain: string | undefined} {
  const known = all.flatMap(({controlPlane}) => (controlPlane ? [controlPlane] : []))
  return {
    meshId: spec.meshId ?? known.find(({meshId}) => meshId !== undefined)?.meshId ?? defaultMeshId,
    trustDomain: spec.trustDomain ?? known[0]?.trustDomain,
  }
}

/** Whether a control plane runs that has the values of this mesh. */
function fits(spec: Federation, joining: Joining, common: ReturnType<typeof commonOf>): boolean {
  const plane = joining.controlPlane
  if (!plane || plane.cluster !== joining.cluster || plane.meshId !== common.meshId) return false
  if (plane.trustDomain !== (common.trustDomain ?? plane.trustDomain)) return false
  return spec.singleNetwork || plane.network === joining.network
}

/**
 * The clusters as they will be: one whose control plane is to be rendered (none runs, its values do not fit, or an earlier
 * run made it) has the control plane that it will get. With `--control-plane keep` nothing changes.
 */
export async function withRendered(spec: Federation, all: readonly Joining[]): Promise<Joining[]> {
  if (spec.controlPlane === 'keep') return [...all]
  const common = commonOf(spec, all)
  return Promise.all(
    all.map(async joining => {
      const made = joining.facts ? await membersOf(joining.facts.cluster, controlPlaneApplySet(spec)) : []
      if (made.length === 0 && fits(spec, joining, common)) return joining
      const controlPlane: ControlPlane = {
        revision: spec.revision ?? 'default',
        namespace: spec.systemNamespace,
        version: undefined,
        cluster: joining.cluster,
        network: spec.singleNetwork ? undefined : joining.network,
        meshId: common.meshId,
        trustDomain: common.trustDomain ?? 'cluster.local',
        replicas: 1,
        ready: 1,
        capturesDns: spec.mode === 'gateways' && spec.dns === 'istio',
        allocatesAddresses: true,
      }
      return {...joining, controlPlane, rendered: {made}}
    }),
  )
}

/** Renders the control planes of the clusters that get one, by the user's own tool, and takes away what it no longer has. */
export async function controlPlaneChanges(spec: Federation, all: readonly Joining[], run: Run): Promise<Change[]> {
  const rendering = all.filter(({rendered}) => rendered !== undefined)
  if (rendering.length === 0) return []
  const said = await readSaid(spec)
  const changes = await Promise.all(
    rendering.map(async joining => {
      const input = inputOf(spec, joining, said)
      const {objects, definitions} = await render({...spec, via: spec.controlPlane as Via}, input, run.signal)
      const live = joining.facts ? await readDefinitions(joining.facts.cluster, run.access.manager) : new Map()
      const sent = definitionsToSend(definitions, live)
      const {cluster} = joining
      const frame = {cluster, systemNamespace: spec.systemNamespace, revision: spec.revision, via: spec.controlPlane}
      const built = buildControlPlane(
        frame,
        objects,
        sent.map(({read}) => read()),
      )
      return [...built, ...pruneChanges(cluster, joining.rendered!.made, built, () => false)]
    }),
  )
  return changes.flat()
}

type Via = 'istioctl' | 'helm' | 'sail'

function inputOf(spec: Federation, joining: Joining, said: ControlPlaneInput['said']): ControlPlaneInput {
  const capture = {meshConfig: {defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'true'}}}}
  const ours = mergeTrees(
    spec.certProvider === 'istiod' ? {} : {global: {pilotCertProvider: spec.certProvider}},
    // names under .global are answered by the sidecars
    spec.mode === 'gateways' && spec.dns === 'istio' ? capture : {},
  )
  const {meshId, network, trustDomain} = joining.controlPlane!
  return {
    namespace: spec.systemNamespace,
    revision: spec.revision,
    profile: spec.profile,
    meshId,
    clusterName: joining.cluster,
    network,
    trustDomain,
    isDefault: false,
    said: {...said, values: mergeTrees(ours, said.values)},
  }
}

/** Waits until the control planes that were rendered answer, side by side. Returns what went wrong, by cluster. */
export async function waitForControlPlanes(
  spec: Federation,
  all: readonly Joining[],
  run: Run,
): Promise<[string, Problem][]> {
  if (!run.write.wait || spec.controlPlane === 'keep') return []
  const troubles = await Promise.all(
    all.map(async (joining): Promise<[string, Problem] | undefined> => {
      const {cluster, facts} = joining
      const names = {name: cluster, systemNamespace: spec.systemNamespace, revision: spec.revision ?? 'default'}
      try {
        await waitForControlPlane(facts!.cluster, spec.controlPlane, names, run)
        return undefined
      } catch (error) {
        return [cluster, {message: `${cluster}: ${messageOf(error)}`}]
      }
    }),
  )
  return troubles.filter(trouble => trouble !== undefined)
}
