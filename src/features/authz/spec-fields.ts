import {type Field, FieldProblem, type TextCheck, textOf} from '../../spec/field.ts'
import {dnsName} from '../../spec/texts.ts'

/** The address of an authorizer. */
export interface AuthorizerService {
  /** As specified: the name of a Service, a host, or `NAMESPACE/HOST`. */
  host: string
  port: number
}

/** The field `--service`. */
export const serviceField: Field<AuthorizerService | undefined> = {
  kind: 'text',
  flag: 'service',
  about: 'Service of the authorizer, or host of a ServiceEntry, with its port',
  valueName: 'HOST:PORT',
  fallback: undefined,
  parse: raw => {
    const text = textOf(raw)
    const colon = text.lastIndexOf(':')
    const [host, portText] = [text.slice(0, colon), text.slice(colon + 1)]
    if (colon < 1 || !/^\d+$/.test(portText)) throw new FieldProblem(`${text} is not HOST:PORT`)
    const port = Number(portText)
    if (port < 1 || port > 65_535) throw new FieldProblem(`${text}: the port is not in the range 1–65535`)
    const parts = host.split('/')
    if (parts.length > 2 || parts.some(part => dnsName(part))) throw new FieldProblem(`${text}: ${host} is not a host`)
    return {host, port}
  },
  format: service => `${service!.host}:${service!.port}`,
}

const targetKinds = ['gateway', 'workload', 'namespace'] as const

/** What an authorizer protects, as specified. */
export interface Target {
  kind: (typeof targetKinds)[number]
  name: string
}

/** The field `--to`. */
export const targetField: Field<Target | undefined> = {
  kind: 'text',
  flag: 'to',
  about: 'gateway, workload or namespace to protect',
  valueName: 'gateway/NAME|workload/NAME|namespace/NAME',
  fallback: undefined,
  parse: raw => {
    const text = textOf(raw)
    const [prefix, name = '', ...more] = text.split('/')
    const kind = targetKinds.find(one => one === prefix)
    if (!kind || more.length > 0 || dnsName(name))
      throw new FieldProblem(`${text} is not gateway/NAME, workload/NAME or namespace/NAME`)
    return {kind, name}
  },
  format: target => `${target!.kind}/${target!.name}`,
}

/** A path as AuthorizationPolicies match it: exact, `prefix*`, `*suffix`, or `*` for any path. */
export const pathText: TextCheck = text => {
  if (text === '*') return undefined
  const plain = text.replace(/^\*|\*$/g, '')
  return plain !== '' && !/[*\s]/.test(plain) && /^[/*]/.test(text)
    ? undefined
    : 'is not a path (/PATH, /PREFIX* or *SUFFIX)'
}

/** The name of a header, `prefix*` or `*suffix`. istiod rejects a single `*` (pkg/config/validation, Istio 1.31). */
export const headerText: TextCheck = text =>
  /^\*?[A-Za-z0-9!#$%&'+.^_`|~-]+\*?$/.test(text) && !(text.startsWith('*') && text.endsWith('*'))
    ? undefined
    : 'is not a header (NAME, PREFIX* or *SUFFIX)'

/** An HTTP method, in upper case. */
export const methodText: TextCheck = text => (/^[A-Z]+$/.test(text) ? undefined : 'is not a method (GET, POST)')

/** `maxRequestBytes` is a uint32 (istio.io/api mesh/v1alpha1). */
const mostBytes = 4_294_967_295

/**
 * Converts a number of bytes.
 *
 * @throws FieldProblem
 */
export function parseBytes(text: string): number {
  const bytes = Number(text)
  if (!/^\d+$/.test(text) || bytes < 1 || bytes > mostBytes) throw new FieldProblem(`${text} is not a number of bytes`)
  return bytes
}
