import {istiodHost} from '../../../mesh/objects-expose-istiod.ts'
import {dumpYaml} from '../../../text/yaml.ts'
import {probeOf} from '../objects.ts'
import type {BundleSource} from './source.ts'

/** Labels that name a service, in the order in which Istio looks (istio pkg/kube/labels/labels.go, 1.31). */
const nameLabels = ['service.istio.io/canonical-name', 'app.kubernetes.io/name', 'app']
const revisionLabels = ['service.istio.io/canonical-revision', 'app.kubernetes.io/version', 'version']

/**
 * Label by which the agent tells where it is. Without it a machine that registers itself has no locality, whatever its
 * group says, since istiod takes the agent's (pilot/pkg/autoregistration/controller.go, pkg/bootstrap/config.go, 1.31).
 */
const localityLabel = 'istio-locality'

/** istiod's port for xDS and certificates. */
export const istiodPort = 15012

/**
 * The proxy's config, as `istioctl x workload entry configure` makes it from the mesh config and a WorkloadGroup
 * (istioctl/pkg/workload/workload.go, 1.31): with what the VM is, in `proxyMetadata`.
 */
export function proxyConfigOf(source: BundleSource): Record<string, unknown> {
  const {plane} = source
  const config: Record<string, unknown> = {...plane.defaultConfig}
  // istioctl leaves this to the mesh config, which says it where a chart made it
  config.discoveryAddress ??= `${istiodHost(plane)}:${istiodPort}`
  if (source.probe) config.readinessProbe = probeOf(source.probe)
  config.proxyMetadata = {...(config.proxyMetadata as Record<string, string> | undefined), ...metadataOf(source)}
  return config
}

/** The metadata of the proxy: `ISTIO_META_…` is told to istiod. */
function metadataOf(source: BundleSource): Record<string, string> {
  const {labels, name, ports, plane} = source
  const service = firstOf(labels, nameLabels) ?? name
  const revision = firstOf(labels, revisionLabels) ?? 'latest'
  const all = {
    ...labels,
    ...(source.locality === undefined ? {} : {[localityLabel]: source.locality}),
    [nameLabels[0]!]: service,
    [revisionLabels[0]!]: revision,
  }
  const podPorts = ports
    .map(port => ({name: port.name, containerPort: port.target, protocol: ''}))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    CANONICAL_SERVICE: service,
    CANONICAL_REVISION: revision,
    POD_NAMESPACE: source.namespace,
    SERVICE_ACCOUNT: source.serviceAccount,
    TRUST_DOMAIN: plane.trustDomain,
    ISTIO_META_CLUSTER_ID: plane.clusterName,
    ISTIO_META_MESH_ID: plane.meshId,
    ISTIO_META_NETWORK: source.network ?? '',
    ...(podPorts.length > 0 ? {ISTIO_META_POD_PORTS: JSON.stringify(podPorts)} : {}),
    ISTIO_META_WORKLOAD_NAME: name,
    ISTIO_METAJSON_LABELS: JSON.stringify(Object.fromEntries(Object.entries(all).sort(byKey))),
    ...(source.captureDns ? {ISTIO_META_DNS_CAPTURE: 'true'} : {}),
    ...(source.autoRegister ? {ISTIO_META_AUTO_REGISTER_GROUP: name} : {}),
  }
}

function firstOf(labels: Record<string, string>, keys: readonly string[]): string | undefined {
  const key = keys.find(key => key in labels)
  return key === undefined ? undefined : labels[key]
}

/** `mesh.yaml`, which the agent reads at `/etc/istio/config/mesh`. Keys by name. */
export function meshYaml(source: BundleSource): string {
  return dumpYaml({defaultConfig: sorted(proxyConfigOf(source))})
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(byKey)
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
