import {isIP} from 'node:net'
import {FieldProblem} from '../../spec/field.ts'
import {dnsLabel, dnsName} from '../../spec/texts.ts'

/** A port of a VM, as a service offers it. */
export interface VmPort {
  /** DNS label, unique within the VM. */
  name: string
  /** Port that callers use, 1–65535. */
  number: number
  /** What Istio takes it for, upper case: `HTTP`. */
  protocol: VmProtocol
  /** Port on the VM, 1–65535. */
  target: number
}

/** Protocols of a ServiceEntry's port that a workload on a VM can speak (istio pkg/config/protocol, 1.31). */
export const vmProtocols = [
  'HTTP',
  'HTTPS',
  'HTTP2',
  'GRPC',
  'GRPC-WEB',
  'TLS',
  'TCP',
  'MONGO',
  'MYSQL',
  'REDIS',
] as const

export type VmProtocol = (typeof vmProtocols)[number]

/** How the agent on the VM finds out whether the service is well (istio.io/api networking/v1 ReadinessProbe). */
export type VmProbe =
  | {kind: 'http' | 'https'; port: number; path: string}
  | {kind: 'tcp'; port: number}
  | {kind: 'exec'; command: string[]}

/**
 * `name:number[:protocol[:target]]`. Without a protocol the name's first word says it (`http-web`), else it is TCP, as
 * for a Kubernetes Service (istio.io, protocol selection); without a target the VM listens on the same number.
 */
export function parseVmPort(text: string): VmPort {
  const [name = '', number, protocol, target, ...rest] = text.split(':')
  if (number === undefined || rest.length > 0) throw new FieldProblem(`${text} is not NAME:NUMBER[:PROTOCOL[:TARGET]]`)
  const problem = dnsLabel(name)
  if (problem) throw new FieldProblem(`${text}: the name ${name} ${problem}`)
  const found = vmProtocols.find(known => known === (protocol ?? '').toUpperCase())
  if (protocol && !found) throw new FieldProblem(`${text}: the protocol is one of ${vmProtocols.join(', ')}`)
  const port = portNumber(number, text)
  return {
    name,
    number: port,
    protocol: found ?? protocolOfName(name),
    target: target === undefined ? port : portNumber(target, text),
  }
}

/** The port as a flag says it. */
export function formatVmPort({name, number, protocol, target}: VmPort): string {
  const parts = [name, number, protocol.toLowerCase(), target]
  if (target === number) parts.pop()
  if (parts.length === 3 && protocol === protocolOfName(name)) parts.pop()
  return parts.join(':')
}

function protocolOfName(name: string): VmProtocol {
  const [first = ''] = name.split('-')
  if (name === 'grpc-web' || name.startsWith('grpc-web-')) return 'GRPC-WEB'
  return vmProtocols.find(known => known === first.toUpperCase()) ?? 'TCP'
}

function portNumber(text: string, all: string): number {
  const number = Number(text)
  if (!/^\d{1,5}$/.test(text) || number < 1 || number > 65_535) throw new FieldProblem(`${all}: a port is 1–65535`)
  return number
}

/** `http:8080/ready`, `https:8443/ready`, `tcp:5432` or `exec:/bin/check it`. */
export function parseVmProbe(text: string): VmProbe {
  const wants = 'is not http:PORT/PATH, https:PORT/PATH, tcp:PORT or exec:COMMAND'
  const colon = text.indexOf(':')
  const [kind, rest] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)]
  if (kind === 'http' || kind === 'https') {
    const slash = rest.indexOf('/')
    const [port, path] = slash < 0 ? [rest, '/'] : [rest.slice(0, slash), rest.slice(slash)]
    return {kind, port: portNumber(port, text), path}
  }
  if (kind === 'tcp') return {kind, port: portNumber(rest, text)}
  const command = rest.split(/\s+/).filter(word => word !== '')
  if (kind === 'exec' && command.length > 0) return {kind, command}
  // the agent knows gRPC probes, but Istio's validation refuses them (pkg/config/validation, 1.31)
  throw new FieldProblem(kind === 'grpc' ? `${text}: Istio takes no gRPC probe for a VM` : `${text} ${wants}`)
}

/** The probe as a flag says it. */
export function formatVmProbe(probe: VmProbe): string {
  if (probe.kind === 'exec') return `exec:${probe.command.join(' ')}`
  return `${probe.kind}:${probe.port}${probe.kind === 'tcp' ? '' : probe.path}`
}

/** What is wrong with the key of a Kubernetes label (`app`, `example.com/app`). */
export function labelKeyProblem(text: string): string | undefined {
  const slash = text.indexOf('/')
  const [prefix, name] = slash < 0 ? [undefined, text] : [text.slice(0, slash), text.slice(slash + 1)]
  const fine =
    (prefix === undefined || dnsName(prefix) === undefined) &&
    /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name) &&
    name.length <= 63
  return fine ? undefined : 'is not a label key ([PREFIX/]NAME)'
}

/** What is wrong with the value of a Kubernetes label; it may be empty. */
export function labelTextProblem(text: string): string | undefined {
  return /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/.test(text) && text.length <= 63
    ? undefined
    : 'is not a label value (letters, digits, -, _ and ., at most 63, a letter or digit at both ends)'
}

/** What is wrong with a locality. */
export function localityProblem(text: string): string | undefined {
  return /^[^/\s*]+(\/[^/\s*]+){0,2}$/.test(text) ? undefined : 'is not REGION[/ZONE[/SUBZONE]]'
}

/** What is wrong with the host of a ServiceEntry: a DNS name with a dot, `*` is not taken since a VM has a name. */
export function hostProblem(text: string): string | undefined {
  if (dnsName(text) !== undefined || isIP(text)) return 'is not a DNS name'
  return undefined
}
