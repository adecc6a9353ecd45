import type {KubernetesObject, ManagedFields} from './object.ts'

/** A tool that keeps an object as it is defined elsewhere, and therefore reverts edits. */
export interface Manager {
  tool: 'argo-cd' | 'flux' | 'helm' | 'operator' | 'add-on' | 'aks-istio'
  /** For messages: `Argo CD application mesh`. */
  name: string
  /** When it reverts an edit, as the end of a sentence: `at the next helm upgrade`. */
  when: string
  /** For an operator: the apiVersion of the resource that it reads. */
  owner?: string
  /** For an operator: that resource. */
  resource?: {kind: string; name: string}
  /** For Helm: the release. */
  release?: {name: string; namespace: string}
}

/**
 * Returns the tool that would revert an edit of an object. Undefined if none is known.
 *
 * Sources: each tool's documentation of its labels, annotations and field managers, as quoted below.
 */
export function managerOf(object: KubernetesObject): Manager | undefined {
  // The order matters: Flux and operators install with Helm, so that their objects also carry the marks of Helm.
  return argoCd(object) ?? flux(object) ?? operator(object) ?? aksIstio(object) ?? addOn(object) ?? helm(object)
}

/** Returns whether Flux or Argo CD applies an object, as it is in Git. */
export function isFromGit(object: KubernetesObject): boolean {
  const tool = managerOf(object)?.tool
  return tool === 'flux' || tool === 'argo-cd'
}

/** Returns the tool that created an object, for messages. */
export function creatorOf(object: KubernetesObject): string {
  const {managedFields = []} = object.metadata
  const first = managedFields.find(({subresource}) => !subresource)?.manager
  return managerOf(object)?.name ?? label(object, 'app.kubernetes.io/managed-by') ?? first ?? 'another tool'
}

/**
 * Argo CD ignores a tracking ID that names another object, for example of a copy ("Resource Tracking", Argo CD 3.0). Its
 * label can be the same as that of Helm charts, so only the dedicated label counts.
 */
function argoCd(object: KubernetesObject): Manager | undefined {
  const {name, namespace = ''} = object.metadata
  const id = annotation(object, 'argocd.argoproj.io/tracking-id') ?? ''
  const application = id.endsWith(`/${object.kind}:${namespace}/${name}`)
    ? id.slice(0, id.indexOf(':'))
    : label(object, 'argocd.argoproj.io/instance')
  if (application === undefined && !applies(object, 'argocd-controller')) return undefined
  return {
    tool: 'argo-cd',
    name: named('Argo CD', application && `application ${application}`),
    when: 'at its next sync, with self-heal within minutes',
  }
}

/** Labels of kustomize-controller and helm-controller (fluxcd.io, "Kustomization", "HelmRelease", v2). */
function flux(object: KubernetesObject): Manager | undefined {
  const release = label(object, 'helm.toolkit.fluxcd.io/name')
  if (release !== undefined || applies(object, 'helm-controller'))
    return {
      tool: 'flux',
      name: named('Flux', release && `HelmRelease ${release}`),
      when: 'at its next upgrade, with drift detection within minutes',
    }
  const kustomization = label(object, 'kustomize.toolkit.fluxcd.io/name')
  const isIgnored =
    annotation(object, 'kustomize.toolkit.fluxcd.io/reconcile') === 'disabled' ||
    ['Ignore', 'IfNotPresent'].includes(annotation(object, 'kustomize.toolkit.fluxcd.io/ssa') ?? '')
  if (isIgnored || (kustomization === undefined && !applies(object, 'kustomize-controller'))) return undefined
  return {
    tool: 'flux',
    name: named('Flux', kustomization && `Kustomization ${kustomization}`),
    when: 'at its next reconciliation, within minutes',
  }
}

/** The controller of a custom resource: the Sail operator, OpenShift's DNS operator, External Secrets. */
function operator({metadata}: KubernetesObject): Manager | undefined {
  const owner = (metadata.ownerReferences ?? []).find(({apiVersion}) => isCustom(apiVersion))
  if (!owner) return undefined
  const group = owner.apiVersion.slice(0, owner.apiVersion.indexOf('/'))
  return {
    tool: 'operator',
    name: `the operator of ${owner.kind} ${owner.name} (${group})`,
    when: 'at its next reconciliation, within minutes',
    owner: owner.apiVersion,
    resource: {kind: owner.kind, name: owner.name},
  }
}

/** Whether the group of an API is not one of Kubernetes itself. */
function isCustom(apiVersion: string): boolean {
  const [group = '', version] = apiVersion.split('/')
  return version !== undefined && group.includes('.') && !group.endsWith('.k8s.io')
}

/**
 * The Istio add-on of AKS, whose Helm releases have this name (Azure/AKS issue 4444). It reverts changes of its mesh config
 * (Microsoft Learn, "Configure Istio-based service mesh add-on", 2025).
 */
function aksIstio(object: KubernetesObject): Manager | undefined {
  const release = annotation(object, 'meta.helm.sh/release-name')
  if (!release?.startsWith('azure-service-mesh-istio-')) return undefined
  return {tool: 'aks-istio', name: 'the Istio add-on of AKS', when: 'within minutes'}
}

/** The add-on managers of Kubernetes distributions. */
function addOn(object: KubernetesObject): Manager | undefined {
  const mode = label(object, 'addonmanager.kubernetes.io/mode')
  // kubernetes/cluster/addons/addon-manager, 1.36: such an object is only created, and never reverted.
  if (mode === 'EnsureExists') return undefined
  const found = addOns.find(({isManager}) => isManager(object))
  return found && {tool: 'add-on', name: found.name(object), when: found.when}
}

interface AddOn {
  isManager: (object: KubernetesObject) => boolean
  name: (object: KubernetesObject) => string
  when: string
}

const addOns: readonly AddOn[] = [
  {
    // AKS, GKE and kubeadm-like clusters with the add-on manager of Kubernetes, which reconciles every minute.
    isManager: object =>
      label(object, 'addonmanager.kubernetes.io/mode') === 'Reconcile' ||
      label(object, 'kubernetes.io/cluster-service') === 'true',
    name: () => 'the add-on manager of the cluster',
    when: 'within minutes',
  },
  {
    // k3s and RKE2 apply their manifests with wrangler's object sets whenever a server starts.
    isManager: object => annotation(object, 'objectset.rio.cattle.io/owner-gvk') !== undefined,
    name: object => named('the k3s add-on', annotation(object, 'objectset.rio.cattle.io/owner-name')),
    when: 'when a server of the cluster starts',
  },
  {
    // The managed add-ons of EKS are applied with this field manager.
    isManager: object => applies(object, 'eks'),
    name: () => 'the managed add-ons of EKS',
    when: 'at the next update of the add-on',
  },
  {
    isManager: object => label(object, 'doks.digitalocean.com/managed') === 'true',
    name: () => 'DigitalOcean',
    when: 'within minutes',
  },
  {
    isManager: object =>
      label(object, 'resources.gardener.cloud/managed-by') !== undefined ||
      annotation(object, 'resources.gardener.cloud/origin') !== undefined,
    name: () => 'Gardener',
    when: 'within minutes',
  },
]

/** The marks that Helm sets on every object of a release, and checks before it adopts one (Helm 3.2 and later). */
function helm(object: KubernetesObject): Manager | undefined {
  const release = annotation(object, 'meta.helm.sh/release-name')
  if (release === undefined || label(object, 'app.kubernetes.io/managed-by') !== 'Helm') return undefined
  const namespace = annotation(object, 'meta.helm.sh/release-namespace') ?? object.metadata.namespace ?? 'default'
  return {
    tool: 'helm',
    name: `Helm release ${release}`,
    when: 'at the next helm upgrade',
    release: {name: release, namespace},
  }
}

/** Whether a manager owns data of the object by server-side apply. */
function applies({metadata}: KubernetesObject, manager: string): boolean {
  const hasData = ({fieldsV1 = {}}: ManagedFields) => 'f:data' in fieldsV1 || 'f:spec' in fieldsV1
  return (metadata.managedFields ?? []).some(
    entry => entry.manager === manager && entry.operation === 'Apply' && hasData(entry),
  )
}

function named(tool: string, part: string | undefined): string {
  return part ? `${tool} ${part}` : tool
}

function label({metadata}: KubernetesObject, key: string): string | undefined {
  return metadata.labels?.[key]
}

function annotation({metadata}: KubernetesObject, key: string): string | undefined {
  return metadata.annotations?.[key]
}
