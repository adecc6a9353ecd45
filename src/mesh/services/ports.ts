import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/** A port of a Service, as Istio interprets it. */
export interface MeshPort {
  name: string
  number: number
  /** Protocol in the form of ServiceEntries, such as `HTTP`. Undefined if Istio detects it from the traffic. */
  protocol: string | undefined
}

/** Protocol names that Istio recognizes (pkg/config/protocol/instance.go, 1.31), with their form in ServiceEntries. */
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

const protocolNames: ReadonlySet<unknown> = new Set(Object.values(protocols))

/** Whether a value is a protocol as ServiceEntries name it. */
export function isProtocol(value: unknown): boolean {
  return protocolNames.has(value)
}

/** Kubernetes' standard values of `appProtocol`, as Istio maps them (pkg/config/kube/conversion.go, 1.31). */
const kubernetesProtocols: Record<string, string> = {
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  'kubernetes.io/wss': 'HTTPS',
}

/** Ports on which Istio does not detect the protocol, because the server sends first: SMTP, DNS, MySQL, MongoDB (same file). */
const serverFirst = [25, 53, 3306, 27017]

/** A port in the spec of a Service. */
interface ServicePort {
  name?: string
  port: number
  protocol?: string
  appProtocol?: string
}

/**
 * Separates the ports of a Service by transport.
 *
 * @returns the TCP ports, and the numbers of all others, which no gateway forwards
 */
export function meshPortsOf(service: KubernetesObject): {ports: MeshPort[]; udp: number[]} {
  const all = ((service.spec ?? {}) as {ports?: ServicePort[]}).ports ?? []
  const tcp = all.filter(({protocol = 'TCP'}) => protocol === 'TCP')
  return {
    ports: tcp.map(port => ({
      name: port.name || `port-${port.port}`,
      number: port.port,
      protocol: protocolOf(port),
    })),
    udp: all.filter(port => !tcp.includes(port)).map(({port}) => port),
  }
}

/** The protocol by `appProtocol`, else by the name up to its first dash (Istio's ConvertProtocol, same file). */
function protocolOf({name = '', port, appProtocol}: ServicePort): string | undefined {
  const declared = appProtocol ?? name
  const kubernetes = appProtocol === undefined ? undefined : kubernetesProtocols[appProtocol]
  if (kubernetes) return kubernetes
  if (/^grpc-web/i.test(declared)) return protocols['grpc-web']
  const prefix = declared.split('-', 1)[0]!.toLowerCase()
  return (
    (Object.hasOwn(protocols, prefix) ? protocols[prefix] : undefined) ??
    (serverFirst.includes(port) ? 'TCP' : undefined)
  )
}
