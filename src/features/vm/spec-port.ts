import {FieldProblem} from '../../spec/field.ts'
import {dnsLabel} from '../../spec/texts.ts'

/** A port that a VM serves. */
export interface VmPort {
  /** DNS label, unique within the VM. */
  name: string
  /** Port that clients use, 1–65535. */
  number: number
  protocol: VmProtocol
  /** Port that the process on the VM listens on, 1–65535. */
  target: number
}

/** The protocols of a ServiceEntry port that make sense for a workload on a VM (istio pkg/config/protocol, 1.31). */
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

/** A protocol as a ServiceEntry spells it. */
export type VmProtocol = (typeof vmProtocols)[number]

/**
 * Parses `name:number[:protocol[:target]]`. The default protocol comes from the first part of the name (`http-web`), else it is
 * TCP, as for a Kubernetes Service (istio.io, "Protocol Selection"). The default target is the number.
 *
 * @throws FieldProblem
 */
export function parseVmPort(text: string): VmPort {
  const [name = '', number, protocol, target, ...rest] = text.split(':')
  if (number === undefined || rest.length > 0) throw new FieldProblem(`${text} is not NAME:NUMBER[:PROTOCOL[:TARGET]]`)
  const problem = dnsLabel(name)
  if (problem) throw new FieldProblem(`${text}: the name ${name} ${problem}`)
  const known = vmProtocols.find(one => one === (protocol ?? '').toUpperCase())
  if (protocol && !known) throw new FieldProblem(`${text}: the protocol must be one of ${vmProtocols.join(', ')}`)
  const port = parsePortNumber(number, text)
  return {
    name,
    number: port,
    protocol: known ?? protocolOfName(name),
    target: target === undefined ? port : parsePortNumber(target, text),
  }
}

/** The port in the form that `parseVmPort` reads. Parts that have their default are omitted. */
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

/**
 * Parses a port number.
 *
 * @param input the whole value, for the message
 * @throws FieldProblem
 */
export function parsePortNumber(text: string, input: string): number {
  const number = Number(text)
  if (!/^\d{1,5}$/.test(text) || number < 1 || number > 65_535)
    throw new FieldProblem(`${input}: the port must be between 1 and 65535`)
  return number
}
