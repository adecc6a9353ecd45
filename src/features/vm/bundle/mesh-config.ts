import {istiodHost} from '../../../mesh/objects-expose-istiod.ts'
import {dumpYaml} from '../../../text/yaml.ts'
import {istiodPort} from '../istio-workloads.ts'
import {probeOf} from '../objects.ts'
import type {BundleSource} from './source.ts'

/** The labels from which Istio derives the name of a service, by precedence (istio pkg/kube/labels/labels.go, 1.31). */
const nameLabels = ['service.istio.io/canonical-name', 'app.kubernetes.io/name', 'app']
/** The labels from which Istio derives the version of a service, by precedence. */
const revisionLabels = ['service.istio.io/canonical-revision', 'app.kubernetes.io/version', 'version']

/**
 * Label from which the agent reads its locality. A machine that registers itself needs it even if its group has a locality,
 * because istiod uses that of the agent (pilot/pkg/autoregistration/controller.go, pkg/bootstrap/config.go, 1.31).
 */
const localityLabel = 'istio-locality'

/**
 * The proxy config that `istioctl x workload entry configure` derives from the mesh config and a WorkloadGroup
 * (istioctl/pkg/workload/workload.go, 1.31). `proxyMetadata` describes the VM.
 */
export function proxyConfigOf(source: BundleSource): Record<string, unknown> {
  const {controlPlane} = source
  const config: Record<string, unknown> = {...controlPlane.defaultConfig}
  // istioctl copies this from the mesh config, which contains it only if a chart of Istio created it.
  config.discoveryAddress ??= `${istiodHost(controlPlane)}:${istiodPort}`
  if (source.probe) config.readinessProbe = probeOf(source.probe)
  config.proxyMetadata = {...(config.proxyMetadata as Record<string, string> | undefined), ...metadataOf(source)}
  return config
}

/** The metadata of the proxy. The agent sends `ISTIO_META_…` to istiod. */
function metadataOf(source: BundleSource): Record<string, string> {
  const {labels, name, ports, controlPlane} = source
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
    TRUST_DOMAIN: controlPlane.trustDomain,
    ISTIO_META_CLUSTER_ID: controlPlane.clusterName,
    ISTIO_META_MESH_ID: controlPlane.meshId,
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

/** `mesh.yaml`, which the agent reads at `/etc/istio/config/mesh`. Its keys are sorted. */
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
