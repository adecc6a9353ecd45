import {groupOf, type ObjectKind} from '../kubernetes/object.ts'

/** A kind as it appears in URLs. */
export interface Resource {
  /** Plural name: `serviceentries`. */
  plural: string
  namespaced: boolean
}

/** Looks up kinds. Results of API discovery are cached for the lifetime of the connection. */
export interface Resources {
  /** Returns undefined if the server does not have this kind. That is not cached: the kind may be defined later. */
  find(kind: ObjectKind): Promise<Resource | undefined>
}

/**
 * The kinds that this project uses, so that they need no API discovery. See `tableOf` for the notation.
 *
 * Source: `kubectl api-resources` of Kubernetes 1.36 with the definitions of Istio 1.31 and the Gateway API.
 */
const known = tableOf({
  '': `Namespace/namespaces Node/nodes Secret ConfigMap Service ServiceAccount Pod Endpoints:endpoints Event ResourceQuota`,
  'events.k8s.io': 'Event',
  apps: 'Deployment DaemonSet ReplicaSet StatefulSet',
  'rbac.authorization.k8s.io': 'Role RoleBinding ClusterRole/clusterroles ClusterRoleBinding/clusterrolebindings',
  policy: 'PodDisruptionBudget',
  'networking.k8s.io': 'NetworkPolicy:networkpolicies',
  autoscaling: 'HorizontalPodAutoscaler',
  'admissionregistration.k8s.io': `ValidatingWebhookConfiguration/validatingwebhookconfigurations
    MutatingWebhookConfiguration/mutatingwebhookconfigurations
    ValidatingAdmissionPolicy/validatingadmissionpolicies
    ValidatingAdmissionPolicyBinding/validatingadmissionpolicybindings`,
  'apiextensions.k8s.io': 'CustomResourceDefinition/customresourcedefinitions',
  'coordination.k8s.io': 'Lease',
  'discovery.k8s.io': 'EndpointSlice',
  'authentication.k8s.io': 'TokenReview/tokenreviews',
  'authorization.k8s.io': `SelfSubjectAccessReview/selfsubjectaccessreviews SubjectAccessReview/subjectaccessreviews
    SelfSubjectRulesReview/selfsubjectrulesreviews LocalSubjectAccessReview`,
  'networking.istio.io': `DestinationRule EnvoyFilter Gateway ProxyConfig ServiceEntry:serviceentries Sidecar VirtualService
    WorkloadEntry:workloadentries WorkloadGroup`,
  'security.istio.io': `AuthorizationPolicy:authorizationpolicies PeerAuthentication RequestAuthentication`,
  'telemetry.istio.io': 'Telemetry:telemetries',
  'extensions.istio.io': 'WasmPlugin',
  'gateway.networking.k8s.io': `Gateway GatewayClass/gatewayclasses HTTPRoute GRPCRoute TLSRoute TCPRoute ReferenceGrant`,
  'multicluster.x-k8s.io': 'ClusterProfile',
  'sailoperator.io': `Istio/istios IstioRevision/istiorevisions IstioRevisionTag/istiorevisiontags IstioCNI/istiocnis
    ZTunnel/ztunnels`,
})

/** Returns a kind that this project uses, without API discovery. */
export function knownResource({apiVersion, kind}: ObjectKind): Resource | undefined {
  return known.get(`${groupOf(apiVersion)}/${kind}`)
}

/**
 * Returns a lookup that answers from a table first and asks the server's API discovery for other kinds.
 *
 * @param read sends a GET to a path and returns the JSON, or undefined on 404
 */
export function createResources(read: (path: string) => Promise<unknown>): Resources {
  const discovered = new Map<string, Promise<Map<string, Resource>>>()
  const discover = async (apiVersion: string): Promise<Map<string, Resource>> => {
    const [first, second] = apiVersion.split('/').map(encodeURIComponent)
    const found = await read(second === undefined ? `/api/${first}` : `/apis/${first}/${second}`)
    const {resources} = (found ?? {}) as {resources?: unknown}
    return new Map(
      (Array.isArray(resources) ? resources : [])
        .filter(isResource)
        .filter(resource => !resource.name.includes('/'))
        .map(({name, kind, namespaced}) => [kind, {plural: name, namespaced}]),
    )
  }
  return {
    find: async ({apiVersion, kind}) => {
      const fixed = knownResource({apiVersion, kind})
      if (fixed) return fixed
      const running = discovered.get(apiVersion) ?? discover(apiVersion)
      discovered.set(apiVersion, running)
      try {
        const found = (await running).get(kind)
        if (!found) discovered.delete(apiVersion)
        return found
      } catch (error) {
        discovered.delete(apiVersion)
        throw error
      }
    },
  }
}

/**
 * Returns the URL path of a kind, or of one object of that kind. Names are percent-encoded and keep their case:
 * `System:Foo` is a valid name of a ClusterRole.
 *
 * @param namespace undefined for all namespaces (lists only); ignored for cluster-scoped kinds
 */
export function pathOf(apiVersion: string, resource: Resource, namespace: string | undefined, name?: string): string {
  const parts = [
    ...(apiVersion.includes('/') ? ['apis', ...apiVersion.split('/')] : ['api', apiVersion]),
    ...(resource.namespaced && namespace !== undefined ? ['namespaces', namespace] : []),
    resource.plural,
    ...(name === undefined ? [] : [name]),
  ]
  return parts.map(part => `/${encodeURIComponent(part)}`).join('')
}

function isResource(value: unknown): value is {name: string; kind: string; namespaced: boolean} {
  const {name, kind, namespaced} = (value ?? {}) as Record<string, unknown>
  return typeof name === 'string' && typeof kind === 'string' && typeof namespaced === 'boolean'
}

/** Notation: `Kind` (regular plural) and `Kind:plural` are namespaced, `Kind/plural` is cluster-scoped. */
function tableOf(groups: Record<string, string>): Map<string, Resource> {
  const table = new Map<string, Resource>()
  for (const [group, kinds] of Object.entries(groups)) {
    for (const word of kinds.split(/\s+/)) {
      const [, kind, mark, plural] = /^(\w+)([:/]?)(\w*)$/.exec(word)!
      table.set(`${group}/${kind}`, {plural: plural || `${kind!.toLowerCase()}s`, namespaced: mark !== '/'})
    }
  }
  return table
}
