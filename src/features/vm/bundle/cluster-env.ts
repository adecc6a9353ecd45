import {revisioned} from '../../../istio/names.ts'
import {istiodHost} from '../../../mesh/objects-expose-istiod.ts'
import {shellWord} from '../../../spec/read.ts'
import {istiodPort, proxyConfigOf} from './mesh-config.ts'
import type {BundleSource} from './source.ts'

/** Ports that the proxy never takes: ssh, so that a mistake locks nobody out, and its own (workload.go, 1.31). */
const ownPorts = ['22', '15090', '15021']

/**
 * `cluster.env`, which Istio's start script reads on the VM: `KEY=value` lines by name, quoted for a shell. Field by field
 * what `istioctl x workload entry configure` makes (istioctl/pkg/workload/workload.go, 1.31); what differs is told in
 * docs/recipes/vm.md.
 */
export function clusterEnv(source: BundleSource): string {
  const {plane, ports, name, namespace} = source
  const config = proxyConfigOf(source)
  const statusPort = Number(config.statusPort ?? 0)
  const excluded = [15_090, 15_021].includes(statusPort) ? ownPorts : [...ownPorts, String(statusPort || 15_020)]
  const env: Record<string, string> = {
    ...(config.proxyMetadata as Record<string, string>),
    ISTIO_INBOUND_PORTS: ports.length > 0 ? ports.map(({target}) => target).join(',') : '*',
    ISTIO_NAMESPACE: namespace,
    ISTIO_SERVICE: `${name}.${namespace}`,
    ISTIO_SERVICE_CIDR: '*',
    ISTIO_LOCAL_EXCLUDE_PORTS: excluded.join(','),
    SERVICE_ACCOUNT: source.serviceAccount,
    ...(source.address === undefined ? {} : {ISTIO_SVC_IP: source.address}),
    // the start script knows istiod.istio-system.svc and nothing else
    ...(revisioned('', plane.revision) !== '' || plane.systemNamespace !== 'istio-system'
      ? {CA_ADDR: `${istiodHost(plane)}:${istiodPort}`}
      : {}),
  }
  const lines = Object.entries(env).map(([key, value]) => `${key}=${value === '' ? "''" : shellWord(value)}`)
  return `${lines.sort().join('\n')}\n`
}
