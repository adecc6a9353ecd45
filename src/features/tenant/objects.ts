import {tenantKinds} from '../../control-plane/kinds.ts'
import {type ApplySet, applySetParent} from '../../engine/kubernetes/applyset.ts'
import type {Apply, Change, Edit, FieldEdit} from '../../engine/kubernetes/change.ts'
import {managedByLabels, revisionLabel, revisionLabels} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type Wave, waves} from '../../engine/kubernetes/waves.ts'
import {names} from '../../istio/names.ts'
import {tenantRecord} from './istio.ts'

/** A tenant, as the builder has to know it. */
export interface TenantFrame {
  /** Name of the cluster, as it is printed. */
  cluster: string
  name: string
  systemNamespace: string
  revision: string
  /** The label by which its istiod finds its namespaces. */
  selector: {key: string; value: string}
  mtls: 'STRICT' | 'PERMISSIVE'
  via: string
  /** Application namespaces. */
  namespaces: readonly string[]
  /**
   * Namespaces that are not there, or that an earlier run made: they are marked as made for the tenant, so that removing
   * it may remove them. Empty when no cluster was asked.
   */
  ownNamespaces: readonly string[]
}

/** On a namespace that was made for a tenant: the tenant's name. */
export const madeForAnnotation = 'kubectl-mesh.io/made-for-tenant'

/** The ApplySet of a tenant. One system namespace holds one tenant, so its name needs no other. */
export function tenantApplySet(systemNamespace: string): ApplySet {
  return {name: tenantRecord, namespace: systemNamespace, kinds: tenantKinds}
}

/**
 * All that makes a tenant: its system namespace, its record, its control plane as it was rendered, the mTLS policy, and
 * last the labels of its application namespaces, so that none is injected by a control plane that is not there yet.
 *
 * @param rendered none for `--via none`
 * @param definitions CustomResourceDefinitions to make or renew: those that the cluster lacks
 */
export function buildTenant(
  frame: TenantFrame,
  rendered: readonly KubernetesObject[],
  definitions: readonly KubernetesObject[],
): Change[] {
  const {cluster, systemNamespace, revision, selector} = frame
  const own = rendered.filter(object => isOwn(object, frame))
  const shared = [...definitions, ...rendered.filter(object => !isOwn(object, frame))]
  return [
    buildSystemNamespace(frame),
    applySetParent(tenantApplySet(systemNamespace), cluster, {
      tenant: frame.name,
      revision,
      selector: `${selector.key}=${selector.value}`,
      via: frame.via,
    }),
    ...shared.map((object): Apply => ({...applyOf(frame, object, sharedWave(object)), stays: true})),
    ...own.map(object => applyOf(frame, withOwner(object, revision), waves.controlPlane)),
    applyOf(frame, buildPolicy(frame), waves.gateways),
    ...frame.namespaces.map(namespace => buildAssignment(frame, namespace)),
  ]
}

/**
 * Whether a rendered object is this tenant's alone. Names of a tenant's cluster-wide objects end in `-REVISION-NAMESPACE`
 * or, of webhooks and admission policies, carry its revision. All else that is cluster-wide or lies in
 * another namespace (CRDs, istio-cni, ztunnel) serves every tenant: it is made where it lacks, belongs to no tenant's
 * ApplySet, and stays when one is removed.
 */
export function isOwn(
  object: KubernetesObject,
  {systemNamespace, revision}: {systemNamespace: string; revision: string},
): boolean {
  const {name, namespace, labels} = object.metadata
  if (namespace !== undefined) return namespace === systemNamespace
  if (object.apiVersion.startsWith('sailoperator.io/')) return true
  const isAdmission = object.apiVersion.startsWith('admissionregistration.k8s.io/')
  return (isAdmission && labels?.[revisionLabel] === revision) || name.endsWith(`-${revision}-${systemNamespace}`)
}

/** The labels that make a namespace a tenant's, with injection; the namespace is made when it is missing. */
export function buildAssignment(
  frame: Pick<TenantFrame, 'cluster' | 'name' | 'revision' | 'selector' | 'ownNamespaces'>,
  namespace: string,
): Edit {
  const {cluster, name, revision, selector} = frame
  return {
    action: 'edit',
    cluster,
    wave: waves.exposure,
    target: {apiVersion: 'v1', kind: 'Namespace', name: namespace},
    edits: [
      {at: 'label', key: selector.key, value: selector.value},
      {at: 'label', key: revisionLabel, value: revision},
      ...madeFor(name, namespace, frame.ownNamespaces),
    ],
    create: true,
  }
}

function buildSystemNamespace({cluster, name, systemNamespace, selector, ownNamespaces}: TenantFrame): Edit {
  return {
    action: 'edit',
    cluster,
    wave: waves.namespaces,
    target: {apiVersion: 'v1', kind: 'Namespace', name: systemNamespace},
    // istiod watches its own namespace only if its own selector says so
    edits: [{at: 'label', key: selector.key, value: selector.value}, ...madeFor(name, systemNamespace, ownNamespaces)],
    create: true,
  }
}

function madeFor(tenant: string, namespace: string, own: readonly string[]): FieldEdit[] {
  return own.includes(namespace) ? [{at: 'annotation', key: madeForAnnotation, value: tenant}] : []
}

/** mTLS for all workloads of the tenant: the policy of its root namespace. */
function buildPolicy({systemNamespace, revision, mtls}: TenantFrame): KubernetesObject {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: {name: 'default', namespace: systemNamespace, labels: {...managedByLabels, ...revisionLabels(revision)}},
    spec: {mtls: {mode: mtls}},
  }
}

/**
 * A rendered object with the labels that `istioctl install` puts on top of what it renders, so that `istioctl uninstall
 * --revision` finds all of it. That command looks for the owner's namespace `istio-system`, wherever istiod is
 * (istio operator/cmd/mesh/uninstall.go, 1.31: it merges no file). The revision is what validators look at, too.
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
