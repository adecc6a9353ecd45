import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/** A port of a Service as Istio reads it. */
export interface MeshPort {
  name: string
  number: number
  /** As a ServiceEntry has it: `HTTP`; undefined where Istio finds it out from the traffic. */
  protocol: string | undefined
}

/** Protocols that Istio knows by name (pkg/config/protocol/instance.go, 1.31), as ServiceEntries write them. */
const protocols: Record<string, string> = {
  tcp: 'TCP',
  grpc: 'GRPC',
  'grpc-web': 'GRPC-Web',
  http: 'HTTP',
  http_proxy: 'HTTP_PROXY',
  http2: 'HTTP2',
  https: 'HTTPS',
  tls: 'TLS',
  mongo: 'Mongo',
  redis: 'Redis',
  mysql: 'MySQL',
}

/** Names that Kubernetes has for `appProtocol` (pkg/config/kube/conversion.go, 1.31). */
const kubernetesProtocols: Record<string, string> = {
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  'kubernetes.io/wss': 'HTTPS',
}

/** Ports whose server speaks first, so that nothing is found out from the traffic: SMTP, DNS, MySQL, MongoDB (same file). */
const serverFirst = [25, 53, 3306, 27017]

/** A port as a Service's spec has it. */
interface ServicePort {
  name?: string
  port: number
  protocol?: string
  appProtocol?: string
}

/** The ports of a Service that mTLS can carry: UDP is told apart, since no gateway passes it on. */
export function meshPortsOf(service: KubernetesObject): {ports: MeshPort[]; udp: number[]} {
  const all = ((service.spec ?? {}) as {ports?: ServicePort[]}).ports ?? []
  const carried = all.filter(({protocol = 'TCP'}) => protocol === 'TCP')
  return {
    ports: carried.map(port => ({
      name: port.name || `port-${port.port}`,
      number: port.port,
      protocol: protocolOf(port),
    })),
    udp: all.filter(port => !carried.includes(port)).map(({port}) => port),
  }
}

/** `appProtocol`, else the name up to its first dash, as Istio's ConvertProtocol reads them. */
function protocolOf({name = '', port, appProtocol}: ServicePort): string | undefined {
  const said = appProtocol ?? name
  const kubernetes = appProtocol === undefined ? undefined : kubernetesProtocols[appProtocol]
  if (kubernetes) return kubernetes
  if (/^grpc-web/i.test(said)) return protocols['grpc-web']
  const prefix = said.split('-', 1)[0]!.toLowerCase()
  return (
    (Object.hasOwn(protocols, prefix) ? protocols[prefix] : undefined) ??
    (serverFirst.includes(port) ? 'TCP' : undefined)
  )
}
