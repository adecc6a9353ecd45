import {tenantKinds} from '../../control-plane/kinds.ts'
import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import {applySetParent} from '../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change, Edit} from '../../engine/kubernetes/change.ts'
import {managedByLabels, revisionLabel, revisionLabels} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type Wave, waves} from '../../engine/kubernetes/waves.ts'
import {names, tenantRecord} from '../../istio/names.ts'
import {proofOf} from './istio-proof.ts'
import {formatLabel, type Label, type TenantNames} from './spec-names.ts'

/** The properties of a tenant that the builder needs. */
export interface TenantFrame extends TenantNames {
  /** Name of the cluster in output. */
  cluster: string
  mtls: 'STRICT' | 'PERMISSIVE'
  via: string
  /** Application namespaces. */
  namespaces: readonly string[]
  /** Namespaces that kubectl-mesh created. */
  ours: ReadonlySet<string>
  /** The selector label of an earlier run and the application namespaces that have it. Undefined if the label stays. */
  moved: {from: Label; namespaces: readonly string[]} | undefined
  /** The settings of the command, as its record stores them. */
  settings: Record<string, string>
}

/** The ApplySet of a tenant. Its name is the same for all, because a system namespace belongs to one tenant. */
export function tenantApplySet(systemNamespace: string): ApplySet {
  return {
    name: tenantRecord,
    namespace: systemNamespace,
    kinds: tenantKinds,
    contains: canBeMember(systemNamespace),
  }
}

/**
 * Returns whether an object can be a member of the set of a tenant: it is cluster-wide, so that only administrators of the cluster can
 * label it, or in the tenant's system namespace (see `isOwn`).
 */
export function canBeMember(systemNamespace: string): (object: KubernetesObject) => boolean {
  return ({metadata: {namespace = systemNamespace}}) => namespace === systemNamespace
}

/**
 * Returns all changes that create a tenant: its system namespace, its record, its control plane, the mTLS policy and the
 * labels of its application namespaces. The labels come last, so that no pod is injected before the control plane runs.
 *
 * @param rendered objects of the control plane; empty for `--via none`
 * @param definitions CustomResourceDefinitions to create or upgrade
 */
export function buildTenant(
  frame: TenantFrame,
  rendered: readonly KubernetesObject[],
  definitions: readonly KubernetesObject[],
): Change[] {
  const {revision} = frame
  const own = rendered.filter(object => isOwn(object, frame))
  const shared = [...definitions, ...rendered.filter(object => !isOwn(object, frame))]
  return [
    buildProof(frame),
    buildSystemNamespace(frame),
    buildRecord(frame),
    ...shared.map((object): Apply => ({...applyOf(frame, object, sharedWave(object)), stays: true})),
    ...own.map(object => applyOf(frame, withOwner(object, revision), waves.controlPlane)),
    applyOf(frame, buildPolicy(frame), waves.gateways),
    ...frame.namespaces.map(namespace => buildAssignment(frame, namespace)),
    ...buildRelabelling(frame),
  ]
}

/** The proof is not in the list of members, because it must exist as long as the list does. */
function buildProof({cluster, name, systemNamespace: namespace, revision, selector}: TenantFrame): Apply {
  const proof = proofOf({name, namespace, revision, selector: formatLabel(selector)})
  return {...applyOf({cluster}, proof, waves.proof), stays: true}
}

function buildRecord({cluster, name, systemNamespace, revision, selector, via, settings}: TenantFrame): Apply {
  return recordChange(cluster, systemNamespace, {
    tenant: name,
    revision,
    selector: formatLabel(selector),
    via,
    ...settings,
  })
}

/**
 * Returns the change that creates or updates the record of a tenant.
 *
 * @param data complete content, without the list of members
 */
export function recordChange(cluster: string, systemNamespace: string, data: Record<string, string>): Apply {
  return applySetParent(tenantApplySet(systemNamespace), cluster, data)
}

/**
 * Gives namespaces the new selector label before istiod selects by it, and removes the old one afterwards, so that istiod
 * watches them all the time.
 */
function buildRelabelling({cluster, systemNamespace, selector, moved, namespaces}: TenantFrame): Edit[] {
  if (!moved) return []
  const edit = (name: string, wave: Wave, key: string, value: string | undefined): Edit => ({
    action: 'edit',
    cluster,
    wave,
    target: {apiVersion: 'v1', kind: 'Namespace', name},
    edits: [{at: 'label', key, value}],
  })
  const others = moved.namespaces.filter(name => !namespaces.includes(name))
  if (moved.from.key === selector.key)
    return others.map(name => edit(name, waves.exposure, selector.key, selector.value))
  return [
    ...moved.namespaces.map(name => edit(name, waves.namespaces, selector.key, selector.value)),
    ...[systemNamespace, ...moved.namespaces].map(name => edit(name, waves.exposure, moved.from.key, undefined)),
  ]
}

/**
 * Whether a rendered object belongs to one tenant only. Names of a tenant's cluster-wide objects end in
 * `-REVISION-NAMESPACE`; its webhooks and admission policies are labelled with its revision. Every other cluster-wide
 * object and every object in another namespace (CustomResourceDefinitions, istio-cni, ztunnel) is shared by all tenants:
 * it is created if missing, is in no tenant's ApplySet, and stays when a tenant is removed.
 */
export function isOwn(
  object: KubernetesObject,
  {systemNamespace, revision}: Pick<TenantNames, 'systemNamespace' | 'revision'>,
): boolean {
  const {name, namespace, labels} = object.metadata
  if (namespace !== undefined) return namespace === systemNamespace
  if (object.apiVersion.startsWith('sailoperator.io/')) return true
  const isAdmission = object.apiVersion.startsWith('admissionregistration.k8s.io/')
  return (isAdmission && labels?.[revisionLabel] === revision) || name.endsWith(`-${revision}-${systemNamespace}`)
}

/** Returns the edit that adds a namespace to a tenant and enables injection. Creates the namespace if it is missing. */
export function buildAssignment(
  {cluster, revision, selector, ours}: Pick<TenantFrame, 'cluster' | 'revision' | 'selector' | 'ours'>,
  namespace: string,
): Edit {
  return {
    action: 'edit',
    cluster,
    wave: waves.exposure,
    target: {apiVersion: 'v1', kind: 'Namespace', name: namespace},
    edits: [
      {at: 'label', key: selector.key, value: selector.value},
      {at: 'label', key: revisionLabel, value: revision},
    ],
    create: true,
    ...(ours.has(namespace) ? {isOurs: true} : {}),
  }
}

function buildSystemNamespace({cluster, systemNamespace, selector, ours}: TenantFrame): Edit {
  return {
    action: 'edit',
    cluster,
    wave: waves.namespaces,
    target: {apiVersion: 'v1', kind: 'Namespace', name: systemNamespace},
    // istiod watches its own namespace only if its discovery selectors match the namespace.
    edits: [{at: 'label', key: selector.key, value: selector.value}],
    create: true,
    ...(ours.has(systemNamespace) ? {isOurs: true} : {}),
  }
}

/** A PeerAuthentication without a selector in the root namespace applies to all workloads of the tenant. */
function buildPolicy({systemNamespace, revision, mtls}: TenantFrame): KubernetesObject {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: {name: 'default', namespace: systemNamespace, labels: {...managedByLabels, ...revisionLabels(revision)}},
    spec: {mtls: {mode: mtls}},
  }
}

/**
 * Returns a rendered object with the labels that `istioctl install` adds, so that `istioctl uninstall --revision` finds
 * it. Without an IstioOperator file, that command always looks for the owner's namespace `istio-system` (istio
 * operator/cmd/mesh/uninstall.go, 1.31). Istio's validators select objects by the revision label.
 */
function withOwner(object: KubernetesObject, revision: string): KubernetesObject {
  if (object.apiVersion.startsWith('sailoperator.io/')) return object
  const isBase = object.kind === 'ServiceAccount' && object.metadata.name === names.readerAccount
  const labels = {
    ...(isBase
      ? {}
      : {
          'operator.istio.io/component': 'Pilot',
          'install.operator.istio.io/owning-resource-namespace': 'istio-system',
        }),
    ...object.metadata.labels,
    ...revisionLabels(revision),
  }
  return {...object, metadata: {...object.metadata, labels}}
}

function sharedWave({kind}: KubernetesObject): Wave {
  return kind === 'CustomResourceDefinition' ? waves.namespaces : waves.controlPlane
}

function applyOf({cluster}: {cluster: string}, object: KubernetesObject, wave: Wave): Apply {
  return {action: 'apply', cluster, wave, object}
}
