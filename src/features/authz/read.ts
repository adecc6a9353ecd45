import {type ControlPlaneFacts, type ControlPlaneRef, readControlPlaneFacts} from '../../control-plane/read.ts'
import {readTaggedInjectors} from '../../control-plane/revision.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {readTags, resolveRevision} from '../../istio/injection.ts'
import {type MeshConfig, meshConfigOf} from '../../istio/mesh-config.ts'
import {isReadBy} from '../../istio/revision.ts'
import {customPolicies, type ExtAuthz, readExtAuthz} from './istio.ts'
import {sharedPlace} from './records/objects.ts'

/** An authorizer with the mesh config that contains it. */
export type FoundProvider = ExtAuthz & {from: 'mesh-config' | 'shared-config'}

/** What was read from a cluster about authorizers. Lists hold the objects of all namespaces, unchanged. */
export interface AuthzFacts {
  cluster: Cluster
  /** The requested revision, with a tag resolved; undefined for the control plane without a revision. */
  revision: string | undefined
  /** The revision of each tag. */
  tags: ReadonlyMap<string, string>
  controlPlane: ControlPlaneFacts
  /** Names of the authorizers in the mesh config of each other revision in the system namespace. */
  otherRevisions: ReadonlyMap<string, readonly string[]>
  /** `extensionProviders` by revision, and those of the shared mesh config as `shared-config`. */
  extensionProviders: ReadonlyMap<string, readonly unknown[]>
  /** Texts of the mesh configs by revision, and that of the shared one as `shared-config`. */
  meshTexts: ReadonlyMap<string, string>
  mesh: MeshConfig
  /** The authorizers of the mesh config, and those of the shared mesh config with other names. */
  providers: FoundProvider[]
  /** Names of all providers of both mesh configs, of any type. */
  providerNames: string[]
  /** AuthorizationPolicies that use an external authorizer and that the revision reads. */
  policies: KubernetesObject[]
  /** All AuthorizationPolicies. */
  allPolicies: KubernetesObject[]
  /** EnvoyFilters that the revision reads. */
  filters: KubernetesObject[]
  /** Policies with an external authorizer, and EnvoyFilters, that carry the label of another revision. */
  unread: KubernetesObject[]
  services: KubernetesObject[]
  serviceEntries: KubernetesObject[]
  slices: KubernetesObject[]
  pods: KubernetesObject[]
  namespaces: KubernetesObject[]
  /** Deployments, DaemonSets and StatefulSets. */
  workloads: KubernetesObject[]
  /** Istio Gateways. */
  gateways: KubernetesObject[]
  /** Gateways of the Gateway API. */
  apiGateways: KubernetesObject[]
}

/**
 * Reads everything that external authorizers depend on, with one LIST per kind.
 *
 * @throws UnreachableError, ApiError
 */
export async function readAuthzFacts(cluster: Cluster, where: ControlPlaneRef): Promise<AuthzFacts> {
  const [control, objects] = await Promise.all([readControl(cluster, where), readObjects(cluster)])
  const {controlPlane, revision} = control
  const mesh = meshConfigOf(controlPlane.meshText)
  return {cluster, ...control, mesh, ...providersOf(controlPlane), ...objects, ...readableBy(revision, objects)}
}

/** Reads the control plane of a revision or tag, and the authorizers of the other revisions in its namespace. */
async function readControl(
  cluster: Cluster,
  {systemNamespace, revision: requested}: ControlPlaneRef,
): Promise<
  Pick<AuthzFacts, 'revision' | 'tags' | 'controlPlane' | 'otherRevisions' | 'extensionProviders' | 'meshTexts'>
> {
  const injectors = await readTaggedInjectors(cluster)
  const revision = resolveRevision(requested, injectors)
  const controlPlane = await readControlPlaneFacts(cluster, {systemNamespace, revision})
  const otherNames = controlPlane.revisions.filter(one => one !== (revision ?? 'default'))
  const others = await Promise.all(
    otherNames.map(async other => {
      const where = {systemNamespace, revision: other === 'default' ? undefined : other}
      return [other, await readControlPlaneFacts(cluster, where)] as const
    }),
  )
  const names = others.map(([other, facts]) => [other, providersOf(facts).providers.map(({name}) => name)] as const)
  const meshTexts = new Map<string, string>(
    [...others, [revision ?? 'default', controlPlane] as const].map(([name, {meshText}]) => [name, meshText]),
  ).set(sharedPlace, controlPlane.shared?.text ?? '')
  const extensionProviders = new Map(
    [...meshTexts].map(([place, text]) => [place, meshConfigOf(text).extensionProviders ?? []] as const),
  )
  const otherRevisions = new Map(names)
  return {revision, tags: readTags(injectors), controlPlane, otherRevisions, extensionProviders, meshTexts}
}

function readableBy(
  revision: string | undefined,
  {allPolicies, allFilters}: {allPolicies: KubernetesObject[]; allFilters: KubernetesObject[]},
): Pick<AuthzFacts, 'policies' | 'filters' | 'unread'> {
  const isRead = (object: KubernetesObject) => isReadBy(object, revision)
  const policies = customPolicies(allPolicies)
  return {
    policies: policies.filter(isRead),
    filters: allFilters.filter(isRead),
    unread: [...policies, ...allFilters].filter(object => !isRead(object)),
  }
}

async function readObjects(cluster: Cluster) {
  const list = (apiVersion: string, kind: string) => cluster.list({apiVersion, kind})
  const networking = 'networking.istio.io/v1'
  const [
    allPolicies,
    allFilters,
    services,
    serviceEntries,
    slices,
    pods,
    namespaces,
    workloads,
    gateways,
    apiGateways,
  ] = await Promise.all([
    list('security.istio.io/v1', 'AuthorizationPolicy'),
    list('networking.istio.io/v1alpha3', 'EnvoyFilter'),
    list('v1', 'Service'),
    list(networking, 'ServiceEntry'),
    list('discovery.k8s.io/v1', 'EndpointSlice'),
    list('v1', 'Pod'),
    list('v1', 'Namespace'),
    Promise.all(['Deployment', 'DaemonSet', 'StatefulSet'].map(kind => list('apps/v1', kind))),
    list(networking, 'Gateway'),
    list('gateway.networking.k8s.io/v1', 'Gateway'),
  ])
  return {
    allPolicies,
    allFilters,
    services,
    serviceEntries,
    slices,
    pods,
    namespaces,
    workloads: workloads.flat(),
    gateways,
    apiGateways,
  }
}

/** Of two providers with the same name, istiod uses the one of the main mesh config (pkg/config/mesh, Istio 1.31). */
function providersOf({meshText, shared}: ControlPlaneFacts): Pick<AuthzFacts, 'providers' | 'providerNames'> {
  const [main, common] = [meshText, shared?.text ?? ''].map(text => meshConfigOf(text).extensionProviders ?? [])
  const ofMain = readExtAuthz(main)
  const ofShared = readExtAuthz(common).filter(({name}) => !ofMain.some(one => one.name === name))
  return {
    providers: [
      ...ofMain.map(one => ({...one, from: 'mesh-config' as const})),
      ...ofShared.map(one => ({...one, from: 'shared-config' as const})),
    ],
    providerNames: [...main!, ...common!].flatMap(provider => {
      const name = (provider as {name?: unknown} | null)?.name
      return typeof name === 'string' ? [name] : []
    }),
  }
}
