import {revisionLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ControlPlane, readControlPlane} from '../../istio/control-plane.ts'
import {istiodEnv} from '../../istio/istiod.ts'
import {meshConfigOf} from '../../istio/mesh-config.ts'
import {isDiscovered, type LabelSelector, matchesSelector} from '../../istio/selectors.ts'
import type {Proof} from './istio-proof.ts'
import {type Label, parseSelectorLabel} from './spec-names.ts'

/** One of several control planes in a cluster, as read from its own objects. */
export interface Tenant {
  /** The name in its record. Without a record: its revision, or its namespace if it has no revision. */
  name: string
  /** System namespace. */
  namespace: string
  /** `default` if it has no revision. */
  revision: string
  version: string | undefined
  /** When istiod or the record was created. */
  created?: string | undefined
  replicas: number
  ready: number
  /** `discoverySelectors` of its mesh config. Empty: istiod watches all namespaces. */
  selectors: LabelSelector[]
  /** Namespace whose policies apply to the whole mesh. */
  rootNamespace: string
  /** Name of the ConfigMap with the root certificate that istiod writes into every namespace. */
  trustBundle: string
  /** Name of the ConfigMap with the certificate revocation list that istiod writes next to it (1.29). */
  revocations: string
  /** Label that adds a namespace to the tenant. Undefined if its selectors are not a single label. */
  label: Label | undefined
  /** `--via` of the `mesh tenant add` that created it. Undefined if it was installed by other means. */
  via: string | undefined
  /** istiod's Deployment exists. */
  installed: boolean
  /** A cluster-wide object proves that a mesh administrator installed it (`istio-proof.ts`). */
  proved: boolean
  /** kubectl-mesh has a record of it. */
  recorded: boolean
  /** The selector in its record, if istiod does not select namespaces by it. */
  otherSelector: string | undefined
}

/** Names of the ClusterRoles in Istio's charts (1.24–1.31), without revision and namespace. */
export const controlPlaneRoles = ['istiod-clusterrole', 'istiod-gateway-controller', 'istio-reader-clusterrole']

/** Names of the ConfigMaps that istiod writes into namespaces by default (istio pilot/pkg/features, 1.31). */
const defaultTrustBundle = 'istio-ca-root-cert'
const defaultRevocations = 'istio-ca-crl'

/**
 * Returns the tenant that istiod's Deployment belongs to.
 *
 * @param mesh ConfigMap `istio[-revision]`
 * @param record the ConfigMap `tenantRecord` of the namespace, if it is proved; ignored if it records another revision
 * @param proved a cluster-wide object proves that the namespace is one of a control plane
 */
export function readTenant(
  deployment: KubernetesObject,
  mesh: KubernetesObject | undefined,
  record: KubernetesObject | undefined,
  proved: boolean,
): Tenant {
  const controlPlane = readControlPlane(deployment, mesh, undefined)
  const {namespace, revision, version, replicas, ready} = controlPlane
  const config = meshConfigOf((mesh?.data as Record<string, string> | undefined)?.mesh ?? '')
  const selectors = config.discoverySelectors ?? []
  const env = istiodEnv(deployment)
  const recorded = recordOf(record, revision)
  const {label, otherSelector} = labelOf(recorded.selector, selectors)
  return {
    name: recorded.tenant ?? nameWithoutRecord(controlPlane),
    namespace,
    revision,
    version,
    created: controlPlane.created,
    replicas,
    ready,
    selectors,
    rootNamespace: config.rootNamespace ?? namespace,
    trustBundle: env.PILOT_CA_CERT_CONFIGMAP || defaultTrustBundle,
    revocations: env.PILOT_CRL_CONFIGMAP || defaultRevocations,
    label,
    via: recorded.via,
    installed: true,
    proved,
    recorded: recorded.tenant !== undefined,
    otherSelector,
  }
}

/**
 * Returns a tenant that has a proved record but no istiod: it was created with `--via none`, or the Sail operator has not
 * created the Deployment yet.
 */
export function readRecord(record: KubernetesObject): Tenant {
  const {tenant, revision, selector, via} = (record.data ?? {}) as Record<string, string | undefined>
  const namespace = record.metadata.namespace ?? ''
  return {
    ...withoutIstiod({name: tenant ?? namespace, namespace, revision: revision ?? 'default', via}),
    ...recordedLabel(selector),
    created: record.metadata.creationTimestamp,
    recorded: true,
  }
}

/** Returns a tenant of which only its proof is left: a run was killed before it wrote the record, or after it removed it. */
export function readProof({name, namespace, revision, selector}: Proof): Tenant {
  return {...withoutIstiod({name, namespace, revision, via: undefined}), ...recordedLabel(selector)}
}

function withoutIstiod(names: Pick<Tenant, 'name' | 'namespace' | 'revision' | 'via'>): Tenant {
  const {namespace} = names
  return {
    ...names,
    version: undefined,
    replicas: 0,
    ready: 0,
    selectors: [],
    rootNamespace: namespace,
    trustBundle: defaultTrustBundle,
    revocations: defaultRevocations,
    label: undefined,
    installed: false,
    proved: true,
    recorded: false,
    otherSelector: undefined,
  }
}

/** Without an istiod, the label in the record is all that is known. */
function recordedLabel(text: string | undefined): Pick<Tenant, 'selectors' | 'label' | 'otherSelector'> {
  const label = parseSelectorLabel(text)
  return {
    label,
    selectors: label ? [{matchLabels: {[label.key]: label.value}}] : [],
    otherSelector: label ? undefined : text,
  }
}

/** The label in the record counts only if istiod selects namespaces by it. */
function labelOf(
  recorded: string | undefined,
  selectors: readonly LabelSelector[],
): Pick<Tenant, 'label' | 'otherSelector'> {
  const label = parseSelectorLabel(recorded)
  if (label && isDiscovered(selectors, {[label.key]: label.value})) return {label, otherSelector: undefined}
  return {label: singleLabel(selectors), otherSelector: recorded}
}

/** Whether `mesh tenant add` created a tenant, at least in part. Otherwise it is a control plane that was installed by other means. */
export function isOfTenantAdd({recorded, installed}: Pick<Tenant, 'recorded' | 'installed'>): boolean {
  return recorded || !installed
}

/** Whether a tenant's istiod watches a namespace. */
export function watches(tenant: Tenant, namespace: KubernetesObject): boolean {
  return isDiscovered(tenant.selectors, namespace.metadata.labels ?? {})
}

/** Namespaces, and the revision of each tag. */
export interface TaggedNamespaces {
  namespaces: readonly KubernetesObject[]
  tags: ReadonlyMap<string, string>
}

/**
 * Returns the application namespaces of a tenant: those that its discovery selectors match, and those whose labels
 * select its revision. Without discovery selectors, only the latter.
 */
export function namespacesOf(tenant: Tenant, {namespaces, tags}: TaggedNamespaces): KubernetesObject[] {
  return namespaces.filter(({metadata}) => metadata.name !== tenant.namespace && belongsTo(tenant, metadata, tags))
}

function belongsTo(tenant: Tenant, {labels = {}}: KubernetesObject['metadata'], tags: TaggedNamespaces['tags']) {
  const revisionOf = (tag: string) => tags.get(tag) ?? tag
  const label = labels[revisionLabel]
  const isMatched = tenant.selectors.some(selector => matchesSelector(selector, labels))
  const isLabelled = label !== undefined && revisionOf(label) === tenant.revision
  const isInjected = labels['istio-injection'] === 'enabled' && revisionOf('default') === tenant.revision
  return isMatched || isLabelled || isInjected
}

/** The values of `istio.io/rev` that select a tenant: its revision and the tags that point to it. */
export function revisionLabelsOf(tenant: Tenant, tags: ReadonlyMap<string, string>): string[] {
  return [tenant.revision, ...[...tags].filter(([, revision]) => revision === tenant.revision).map(([tag]) => tag)]
}

function nameWithoutRecord({revision, namespace}: ControlPlane): string {
  return revision === 'default' ? namespace : revision
}

/** What `mesh tenant add` stores in the record. Empty if there is no record of this revision. */
function recordOf(record: KubernetesObject | undefined, revision: string): Record<string, string | undefined> {
  const data = (record?.data ?? {}) as Record<string, string | undefined>
  return data.revision === revision ? data : {}
}

function singleLabel(selectors: readonly LabelSelector[]): Label | undefined {
  const [selector] = selectors
  const pairs = Object.entries(selector?.matchLabels ?? {})
  if (pairs.length !== 1 || (selector?.matchExpressions?.length ?? 0) > 0) return undefined
  const [key, value] = pairs[0]!
  return {key, value}
}

/** Namespaced kinds of Istio's resources that istiod validates and that users create. */
export const istioKinds: readonly {apiVersion: string; kind: string}[] = [
  ...['DestinationRule', 'Gateway', 'ServiceEntry', 'Sidecar', 'VirtualService', 'WorkloadEntry', 'WorkloadGroup'].map(
    kind => ({apiVersion: 'networking.istio.io/v1', kind}),
  ),
  ...['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'].map(kind => ({
    apiVersion: 'security.istio.io/v1',
    kind,
  })),
  {apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter'},
  {apiVersion: 'telemetry.istio.io/v1', kind: 'Telemetry'},
]
