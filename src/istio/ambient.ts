import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {goBool} from './istiod.ts'
import {isSelector, matchesSelector} from './selectors.ts'

/** GatewayClass of the gateways through which other networks reach pods in ambient mode (istiod 1.27–1.31). */
export const ambientGatewayClass = 'istio-east-west'

/** The port at which a ztunnel connects to a gateway of another network. istiod ignores any other (1.31, `createSplitHorizonWorkload`). */
export const hbonePort = 15_008

/** The label that makes a Service global with the mesh config of Istio's profile `ambient`. */
export const globalServiceLabel = 'istio.io/global'

/** What istiod does for pods in ambient mode. */
export interface AmbientSettings {
  /** It sends ztunnels the workloads of other networks (env AMBIENT_ENABLE_MULTI_NETWORK). */
  multiNetwork: boolean
  /** The mesh config makes some Services global (`serviceScopeConfigs`). Without that, clusters share no Service. */
  sharesServices: boolean
  /** `serviceScopeConfigs` of the mesh config. */
  scopes: readonly ServiceScope[]
}

/** An entry of `serviceScopeConfigs` in the mesh config (istio.io/api mesh/v1alpha1, since 1.27). */
export interface ServiceScope {
  scope?: unknown
  namespaceSelector?: unknown
  servicesSelector?: unknown
}

type Labels = Readonly<Record<string, string>>

/**
 * Returns whether a mesh config makes a Service global: clusters share it then. istiod also judges the Services of other clusters
 * by its own mesh config (1.31, `matchServiceScope`, which treats a missing selector as an empty one).
 *
 * @param labels of the Service and of its namespace
 */
export function isGlobalService(
  scopes: readonly ServiceScope[],
  {service, namespace}: {service: Labels; namespace: Labels},
): boolean {
  const selects = (selector: unknown, labels: Labels) =>
    selector === undefined || selector === null || (isSelector(selector) && matchesSelector(selector, labels))
  return scopes.some(
    ({scope, namespaceSelector, servicesSelector}) =>
      scope === 'GLOBAL' && selects(namespaceSelector, namespace) && selects(servicesSelector, service),
  )
}

/**
 * Returns the waypoint of a Service or pod, by its label or that of its namespace. Undefined without one (istiod 1.31,
 * pilot/pkg/serviceregistry/ambient/waypoints.go).
 */
export function waypointOf(
  {metadata}: KubernetesObject,
  namespaceLabels: Labels,
): {namespace: string; name: string} | undefined {
  const {namespace = '', labels = {}} = metadata
  const source = labels[waypointLabel] === undefined ? namespaceLabels : labels
  const name = source[waypointLabel]
  return name === undefined || name === '' || name === 'none'
    ? undefined
    : {namespace: source[waypointNamespaceLabel] ?? namespace, name}
}

/** Label of a pod or namespace that puts it into ambient mode (istio.io/api label, 1.31). The label of a pod takes precedence. */
const dataplaneModeLabel = 'istio.io/dataplane-mode'

/** Returns the labels of the namespace of an object; none if the namespace is not in the list. */
export function namespaceLabelsOf({metadata}: KubernetesObject, namespaces: readonly KubernetesObject[]): Labels {
  return namespaces.find(({metadata: {name}}) => name === metadata.namespace)?.metadata.labels ?? {}
}

/** Returns whether the labels of a pod, or those of its namespace, put it into ambient mode. */
export function hasAmbientLabel({metadata}: KubernetesObject, namespaceLabels: Labels): boolean {
  return (metadata.labels?.[dataplaneModeLabel] ?? namespaceLabels[dataplaneModeLabel]) === 'ambient'
}

const waypointLabel = 'istio.io/use-waypoint'
const waypointNamespaceLabel = 'istio.io/use-waypoint-namespace'

/** GatewayClass of waypoints (istiod 1.24–1.31). */
export const waypointClass = 'istio-waypoint'

/** Returns whether an istiod serves pods in ambient mode (pilot/pkg/features/ambient.go, 1.31). */
export function servesAmbientPods(env: Readonly<Record<string, string | undefined>>): boolean {
  return goBool(env.PILOT_ENABLE_AMBIENT) ?? false
}

/**
 * Returns what an istiod does for pods in ambient mode. Undefined if it does not serve them (pilot/pkg/features/ambient.go, 1.31).
 *
 * @param env of istiod
 * @param scopes `serviceScopeConfigs` of the mesh config
 */
export function ambientSettings(
  env: Readonly<Record<string, string | undefined>>,
  scopes: readonly ServiceScope[],
): AmbientSettings | undefined {
  if (!servesAmbientPods(env)) return undefined
  return {
    multiNetwork: goBool(env.AMBIENT_ENABLE_MULTI_NETWORK) ?? false,
    sharesServices: scopes.some(({scope}) => scope === 'GLOBAL'),
    scopes,
  }
}

/** The settings of ztunnel in one cluster. */
export interface ZtunnelSettings {
  /** As `NAMESPACE/NAME` of its DaemonSet. */
  name: string
  /** Network of the pods of its node; undefined if it is not set. */
  network: string | undefined
  /** Cluster ID; undefined if it is not set. */
  cluster: string | undefined
  /** Address of the istiod that configures it: `istiod.istio-system.svc:15012`; undefined if it is not set. */
  istiod: string | undefined
}

interface DaemonSetSpec {
  selector?: {matchLabels?: Record<string, string>}
  template?: {spec?: {containers?: {env?: {name: string; value?: string}[]}[]}}
}

/** Returns whether a DaemonSet runs ztunnel: its pods have the label that all versions of the chart set. */
export function isZtunnel({spec}: KubernetesObject): boolean {
  return (spec as DaemonSetSpec | undefined)?.selector?.matchLabels?.app === 'ztunnel'
}

/** Reads the settings of a DaemonSet of ztunnel (manifests/charts/ztunnel/templates/daemonset.yaml, 1.24–1.31). */
export function readZtunnel({metadata, spec}: KubernetesObject): ZtunnelSettings {
  const {template} = (spec ?? {}) as DaemonSetSpec
  const env = (template?.spec?.containers ?? []).flatMap(container => container.env ?? [])
  const variable = (name: string) => env.find(one => one.name === name)?.value || undefined
  return {
    name: `${metadata.namespace}/${metadata.name}`,
    network: variable('NETWORK'),
    cluster: variable('ISTIO_META_CLUSTER_ID'),
    istiod: variable('XDS_ADDRESS'),
  }
}
