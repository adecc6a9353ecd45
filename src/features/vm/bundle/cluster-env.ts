import {revisioned} from '../../../istio/names.ts'
import {istiodHost} from '../../../mesh/objects-expose-istiod.ts'
import {istiodPort} from '../istio-workloads.ts'
import {formatEnvironment} from './environment.ts'
import {proxyConfigOf} from './mesh-config.ts'
import type {BundleSource} from './source.ts'

/** Inbound ports that are never redirected to the proxy: ssh, so that the machine stays accessible, and those of the proxy (workload.go, 1.31). */
const excludedPorts = ['22', '15090', '15021']

/**
 * `cluster.env`, which the start script of Istio reads on the VM: `KEY=value` lines, quoted for a shell and sorted. The values
 * are those of `istioctl x workload entry configure` (istioctl/pkg/workload/workload.go, 1.31), with the differences that
 * docs/recipes/vm.md lists.
 *
 * @throws MeshError (exit 3) for metadata that cannot be an environment variable
 */
export function clusterEnv(source: BundleSource): string {
  const {controlPlane, ports, name, namespace} = source
  const config = proxyConfigOf(source)
  const statusPort = Number(config.statusPort ?? 0)
  const excluded = [15_090, 15_021].includes(statusPort)
    ? excludedPorts
    : [...excludedPorts, String(statusPort || 15_020)]
  const env: Record<string, string> = {
    ...(config.proxyMetadata as Record<string, string>),
    ISTIO_INBOUND_PORTS: ports.length > 0 ? ports.map(({target}) => target).join(',') : '*',
    ISTIO_NAMESPACE: namespace,
    ISTIO_SERVICE: `${name}.${namespace}`,
    ISTIO_SERVICE_CIDR: '*',
    ISTIO_LOCAL_EXCLUDE_PORTS: excluded.join(','),
    SERVICE_ACCOUNT: source.serviceAccount,
    ...(source.address === undefined ? {} : {ISTIO_SVC_IP: source.address}),
    // The default of the start script is istiod.istio-system.svc.
    ...(revisioned('', controlPlane.revision) !== '' || controlPlane.systemNamespace !== 'istio-system'
      ? {CA_ADDR: `${istiodHost(controlPlane)}:${istiodPort}`}
      : {}),
  }
  return formatEnvironment(env)
}
