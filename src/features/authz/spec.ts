import type {Problem} from '../../errors.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {goDuration, parseDurationField} from '../../spec/durations.ts'
import {
  choiceField,
  convertedField,
  type Field,
  FieldProblem,
  listField,
  mapField,
  type SpecOf,
  textField,
} from '../../spec/field.ts'
import {dnsLabel, dnsName, labelValue} from '../../spec/texts.ts'

/** Where an authorizer answers. */
export interface AuthorizerService {
  /** As it was said: a name of the namespace, `NS/HOST`, or a host. */
  host: string
  port: number
}

const serviceField: Field<AuthorizerService | undefined> = {
  kind: 'text',
  flag: 'service',
  about: 'the authorizer: a Service or a host of a ServiceEntry, and its port',
  valueName: 'HOST:PORT',
  fallback: undefined,
  parse: raw => {
    const text = String(raw)
    const at = text.lastIndexOf(':')
    const [host, port] = [text.slice(0, at), Number(text.slice(at + 1))]
    if (at < 1 || !/^\d+$/.test(text.slice(at + 1))) throw new FieldProblem(`${text} is not HOST:PORT`)
    if (port < 1 || port > 65_535) throw new FieldProblem(`${text}: a port is 1–65535`)
    const parts = host.split('/')
    if (parts.length > 2 || parts.some(part => dnsName(part))) throw new FieldProblem(`${text}: ${host} is not a host`)
    return {host, port}
  },
  format: service => `${service!.host}:${service!.port}`,
}

/** In front of what an authorizer stands. */
export interface Target {
  kind: 'gateway' | 'workload' | 'namespace'
  name: string
}

const targetField: Field<Target | undefined> = {
  kind: 'text',
  flag: 'to',
  about: 'what the authorizer stands in front of',
  valueName: 'gateway/NAME|workload/NAME|namespace/NAME',
  fallback: undefined,
  parse: raw => {
    const [kind, name = '', ...more] = String(raw).split('/')
    if ((kind !== 'gateway' && kind !== 'workload' && kind !== 'namespace') || more.length > 0 || dnsName(name))
      throw new FieldProblem(`${String(raw)} is not gateway/NAME, workload/NAME or namespace/NAME`)
    return {kind, name}
  },
  format: target => `${target!.kind}/${target!.name}`,
}

/** A path as an AuthorizationPolicy matches it: exact, `prefix*`, `*suffix`, or `*` for any. */
function pathText(text: string): string | undefined {
  if (text === '*') return undefined
  const plain = text.replace(/^\*|\*$/g, '')
  return plain !== '' && !/[*\s]/.test(plain) && /^[/*]/.test(text)
    ? undefined
    : 'is not a path (/PATH, /PREFIX* or *SUFFIX)'
}

/** A header's name, `prefix*` or `*suffix`; a lone `*` is refused (istio's validation). */
function headerText(text: string): string | undefined {
  return /^\*?[A-Za-z0-9!#$%&'+.^_`|~-]+\*?$/.test(text) && !(text.startsWith('*') && text.endsWith('*'))
    ? undefined
    : 'is not a header (NAME, PREFIX* or *SUFFIX)'
}

const name = {
  ...textField({flag: 'name', about: 'name of the authorizer: of its provider and its policy', check: dnsLabel}),
  argument: true as const,
}

const where = {
  systemNamespace: commonFields.systemNamespace,
  revision: {...commonFields.revision, about: 'revision of the control plane whose proxies ask the authorizer'},
}

/** Where a provider is written. */
export const viaOptions = ['mesh-config', 'shared-config', 'envoy-filter', 'helm-values', 'sail'] as const

/** All that `mesh authz attach` can be told. */
export const authzAttachFields = {
  name,
  service: serviceField,
  type: choiceField({
    flag: 'type',
    about: "protocol of the authorizer: Envoy's gRPC service, or plain HTTP requests",
    options: ['grpc', 'http'],
    fallback: 'grpc',
  }),
  to: targetField,
  selector: mapField({
    flag: 'selector',
    about: 'labels of the workloads in place of --to',
    valueName: 'KEY=VALUE',
    check: labelValue,
  }),
  namespace: textField({
    flag: 'namespace',
    about: 'namespace of what it stands in front of',
    valueName: 'NS',
    check: dnsLabel,
    fallbackText: "the context's",
  }),
  paths: listField({flag: 'path', about: 'ask only for these paths', valueName: 'P', check: pathText}),
  notPaths: listField({flag: 'not-path', about: 'do not ask for these paths', valueName: 'P', check: pathText}),
  methods: listField({
    flag: 'method',
    about: 'ask only for these methods',
    valueName: 'M',
    check: text => (/^[A-Z]+$/.test(text) ? undefined : 'is not a method (GET, POST)'),
  }),
  headersToCheck: listField({
    flag: 'header-to-check',
    about: 'header that the authorizer gets (http; gRPC gets all)',
    valueName: 'H',
    check: headerText,
  }),
  includeBody: convertedField<number | undefined>({
    flag: 'include-body',
    about: 'how much of the body the authorizer gets',
    valueName: 'BYTES',
    convert: text => {
      const bytes = Number(text)
      if (!/^\d+$/.test(text) || bytes < 1 || bytes > 4_294_967_295)
        throw new FieldProblem(`${text} is not a number of bytes`)
      return bytes
    },
    fallback: undefined,
    fallbackText: 'none of it',
  }),
  timeout: convertedField<number>({
    flag: 'timeout',
    about: 'how long to wait for its answer',
    valueName: 'D',
    convert: parseDurationField({atLeast: '1ms', atMost: '10m'}),
    fallback: 5000,
    fallbackText: "5s (Istio's own is 10 minutes)",
    format: goDuration,
  }),
  fail: choiceField({
    flag: 'fail',
    about: 'what happens to requests when it gives no answer',
    options: ['closed', 'open'],
    fallback: 'closed',
  }),
  via: choiceField({
    flag: 'via',
    about: 'where the provider is written; helm-values and sail print it for you to apply',
    options: viaOptions,
    fallback: 'mesh-config',
  }),
  ...where,
  clusterDomain: commonFields.clusterDomain,
}

/** The Spec of an authorizer. */
export type AuthzAttach = SpecOf<typeof authzAttachFields>

/** One that its problems have vouched for. */
export type NamedAuthz = AuthzAttach & {name: string; service: AuthorizerService; namespace: string}

/** What one field alone can't tell. */
export function authzAttachProblems(spec: AuthzAttach): Problem[] {
  const {name, service, to, selector, type, headersToCheck, via, paths, notPaths, methods} = spec
  const problems: Problem[] = []
  if (name === undefined)
    problems.push({message: 'the authorizer has no name', hints: ['kubectl mesh authz attach NAME …']})
  if (service === undefined)
    problems.push({message: '--service is missing: where does it answer?', hints: ['--service HOST:PORT']})
  if (to === undefined && Object.keys(selector).length === 0)
    problems.push({
      message: '--to is missing: in front of what?',
      hints: ['--to gateway/istio-ingressgateway, or -l app=web'],
    })
  if (to !== undefined && Object.keys(selector).length > 0) problems.push({message: '--to and -l exclude each other'})
  if (type === 'grpc' && headersToCheck.length > 0)
    problems.push({
      message: '--header-to-check goes with --type http',
      hints: ['over gRPC the authorizer gets all headers'],
    })
  if (via === 'envoy-filter' && paths.length + notPaths.length + methods.length > 0)
    problems.push({
      message: '--via envoy-filter asks for every request: --path, --not-path and --method need a policy',
      hints: ['--via mesh-config'],
    })
  if (via === 'envoy-filter' && to?.kind === 'gateway' && to.name === '')
    problems.push({message: '--to gateway/ has no name'})
  return problems
}

/** All that `mesh authz detach` can be told. */
export const authzDetachFields = {name, ...where}

/** All that `mesh authz verify` can be told. */
export const authzVerifyFields = {name, ...where, clusterDomain: commonFields.clusterDomain}

/** All that `mesh authz list` can be told. */
export const authzListFields = {...where, clusterDomain: commonFields.clusterDomain}

/** Which authorizer of which control plane. */
export type AuthzWhich = SpecOf<typeof authzVerifyFields>

/** What one field alone can't tell. */
export function authzNameProblems(spec: {name: string | undefined}): Problem[] {
  return spec.name === undefined ? [{message: 'which authorizer?', hints: ['kubectl mesh authz list shows them']}] : []
}
