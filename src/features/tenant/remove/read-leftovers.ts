import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {type Tenant, watches} from '../istio.ts'
import type {TenantsFacts} from '../read.ts'

/** Annotation of a ConfigMap that istiods of one namespace use for leader election (client-go, tools/leaderelection). */
const lockAnnotation = 'control-plane.alpha.kubernetes.io/leader'

/**
 * Reads the objects that a tenant's istiod wrote: root certificates and revocation lists in namespaces that no other
 * tenant watches, and its locks and its CA in the system namespace. Locks and CA that another istiod in the same
 * namespace may use are not included.
 *
 * @throws ApiError, UnreachableError
 */
export async function readLeftovers(tenant: Tenant, facts: TenantsFacts): Promise<KubernetesObject[]> {
  const {namespace, revision} = tenant
  const {cluster, tenants} = facts
  const isAlone = !tenants.some(other => other !== tenant && other.namespace === namespace)
  const [distributed, configMaps, leases, secret] = await Promise.all([
    cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {labelSelector: 'istio.io/config=true'}),
    cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {namespace}),
    cluster.list({apiVersion: 'coordination.k8s.io/v1', kind: 'Lease'}, {namespace}),
    cluster.get({apiVersion: 'v1', kind: 'Secret', namespace, name: 'istio-ca-secret'}),
  ])
  return [
    ...rootCertificatesOf(tenant, distributed, facts),
    ...configMaps.filter(({metadata}) => isAlone && metadata.annotations?.[lockAnnotation] !== undefined),
    ...leases.filter(({metadata: {name}}) => name.startsWith('istio-') && (isAlone || name.endsWith(`-${revision}`))),
    ...(isAlone && secret?.type === 'istio.io/ca-root' ? [secret] : []),
  ]
}

/** The ConfigMaps with the tenant's root certificate, and the revocation lists in the same namespaces. */
function rootCertificatesOf(
  tenant: Tenant,
  configMaps: readonly KubernetesObject[],
  {namespaces, tenants}: TenantsFacts,
): KubernetesObject[] {
  const {namespace, trustBundle, revocations} = tenant
  const bundles = configMaps.filter(({metadata}) => metadata.name === trustBundle)
  const root = rootIn(bundles.find(({metadata}) => metadata.namespace === namespace))
  if (root === undefined) return []
  const own = new Set(bundles.filter(bundle => rootIn(bundle) === root))
  const watchedByOthers = new Set(
    namespaces
      .filter(each => tenants.some(other => other !== tenant && other.installed && watches(other, each)))
      .map(({metadata}) => metadata.name),
  )
  const ownNamespaces = new Set([...own].map(({metadata}) => metadata.namespace ?? '')).difference(watchedByOthers)
  return configMaps.filter(
    configMap =>
      ownNamespaces.has(configMap.metadata.namespace ?? '') &&
      (own.has(configMap) || configMap.metadata.name === revocations),
  )
}

function rootIn(configMap: KubernetesObject | undefined): string | undefined {
  return (configMap?.data as Record<string, string> | undefined)?.['root-cert.pem']
}
