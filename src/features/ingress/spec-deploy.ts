import type {Problem} from '../../errors.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {
  choiceField,
  type Field,
  FieldProblem,
  mapField,
  type Raw,
  type SpecOf,
  textField,
  textFieldWithDefault,
  textOf,
} from '../../spec/field.ts'
import {labelKey, labelValueOrEmpty} from '../../spec/labels.ts'
import {dnsLabel} from '../../spec/texts.ts'

/** A port of a node that is forwarded to a port of the gateway's pod. */
export interface HostPort {
  host: number
  container: number
}

/** How a gateway is exposed (Service `spec.type`). */
export type ServiceType = 'LoadBalancer' | 'NodePort' | 'ClusterIP'

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new FieldProblem(`${text} is not a port (1 to 65535)`)
  return port
}

function hostPortOf(text: string): HostPort {
  const [host, container, ...more] = text.split(':')
  if (!host || !container || more.length > 0) throw new FieldProblem(`${text} is not HOST:CONTAINER`)
  return {host: portOf(host), container: portOf(container)}
}

const hostPorts: Field<HostPort[]> = {
  kind: 'list',
  flag: 'host-port',
  about: 'forward a port of each node to a port of the gateway pod; repeatable',
  valueName: 'HOST:CONTAINER',
  fallback: [],
  parse: (raw: Raw) =>
    (Array.isArray(raw) ? raw : [raw]).flatMap(text => textOf(text).split(',')).map(text => hostPortOf(text.trim())),
  format: all => all.map(({host, container}) => `${host}:${container}`),
  risk: (before, after) => {
    const opened = after.filter(({host}) => !before.some(one => one.host === host)).map(({host}) => host)
    if (opened.length === 0) return undefined
    return `host port ${opened.join(', ')} will be opened on the nodes of the gateway`
  },
}

const serviceType: Field<ServiceType | undefined> = {
  ...choiceField({
    flag: 'service-type',
    about: 'type of the gateway Service',
    options: ['LoadBalancer', 'NodePort', 'ClusterIP'],
    fallback: 'LoadBalancer',
  }),
  fallback: undefined,
  fallbackText: 'LoadBalancer; ClusterIP with --host-port',
}

type NodeSelector = Readonly<Record<string, string>>

function nodeSelectorRisk(before: NodeSelector, after: NodeSelector): string | undefined {
  const [from, to] = [nodeText(before), nodeText(after)]
  return from === to ? undefined : `the gateway will run on ${to}; now it runs on ${from}`
}

function nodeText(selector: NodeSelector): string {
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`)
  return labels.length === 0 ? 'any node' : `nodes with ${labels.sort().join(',')}`
}

const ingressName = {
  ...textFieldWithDefault({
    flag: 'name',
    about: 'name of the gateway',
    valueName: 'NAME',
    check: dnsLabel,
    fallback: 'istio-ingressgateway',
  }),
  argument: true as const,
  perRun: true as const,
}

const namespace = textField({
  flag: 'namespace',
  about: 'namespace of the gateway, created if it does not exist',
  valueName: 'NS',
  check: dnsLabel,
  fallbackText: 'the namespace of the context',
  // Part of the name of the record.
  perRun: true,
})

const systemNamespace = {...commonFields.systemNamespace, perRun: true as const}

/** Fields of `mesh ingress deploy`. */
export const ingressDeployFields = {
  name: ingressName,
  namespace,
  kind: choiceField({
    flag: 'kind',
    about: 'workload type of the gateway; a DaemonSet runs one pod on each matching node',
    options: ['deployment', 'daemonset'],
    fallback: 'deployment',
  }),
  hostPorts,
  nodeSelector: {
    ...mapField({
      flag: 'node-selector',
      about: 'label of the nodes that run the gateway; repeatable',
      valueName: 'KEY=VALUE',
      check: labelValueOrEmpty,
      checkKey: labelKey,
    }),
    risk: nodeSelectorRisk,
  },
  serviceType,
  systemNamespace,
  revision: {...commonFields.revision, about: 'revision or tag that injects the gateway'},
}

/** The validated input of `mesh ingress deploy`. */
export type IngressDeploy = SpecOf<typeof ingressDeployFields>

/** The type of the Service of a gateway. */
export function serviceTypeOf({
  serviceType: type,
  hostPorts: ports,
}: Readonly<Pick<IngressDeploy, 'serviceType'> & {hostPorts: readonly HostPort[]}>): ServiceType {
  return type ?? (ports.length > 0 ? 'ClusterIP' : 'LoadBalancer')
}

/** TCP ports that the proxy of a gateway uses (istio.io, "Application requirements", ports used by Istio). */
const proxyPorts = [15_000, 15_001, 15_004, 15_006, 15_008, 15_020, 15_021, 15_053, 15_090]

/** Port of the Service for health checks. */
const statusPort = 15_021

/** The gateway's Role is named NAME-sds, and its Service's name has at most 63 characters. */
const longestName = 59

/** Cross-field validation. */
export function validateIngressDeploy({name, hostPorts: ports}: IngressDeploy): Problem[] {
  return [...nameProblems(name), ...duplicatePorts(ports), ...reservedPorts(ports)]
}

function nameProblems(name: string): Problem[] {
  const problems: Problem[] = []
  if (name.replace(/^istio-/, '') === '')
    problems.push({message: `NAME ${name} leaves an empty value for the label istio: it is NAME without istio-`})
  if (name.length > longestName)
    problems.push({message: `NAME ${name} has ${name.length} characters; the maximum is ${longestName}`})
  return problems
}

function duplicatePorts(ports: readonly HostPort[]): Problem[] {
  return (['host', 'container'] as const).flatMap(side => {
    const numbers = ports.map(port => port[side])
    const duplicates = new Set(numbers.filter((port, at) => numbers.indexOf(port) !== at))
    return [...duplicates].map(port => ({message: `--host-port sets ${side} port ${port} twice`}))
  })
}

function reservedPorts(ports: readonly HostPort[]): Problem[] {
  const used = ports.filter(({container}) => proxyPorts.includes(container))
  const status = ports.filter(({host}) => host === statusPort)
  return [
    ...used.map(({container}) => ({
      message: `--host-port: container port ${container} is used by the proxy`,
      hints: ['choose another container port, for example 8080'],
    })),
    ...status.map(({host}) => ({message: `--host-port: host port ${host} is the health check port of the Service`})),
  ]
}

/** Fields of `mesh ingress remove`, which identify a gateway. */
export const ingressRemoveFields = {
  name: ingressName,
  namespace: {...namespace, about: 'namespace of the gateway'},
  systemNamespace,
}

/** The validated input of `mesh ingress remove`. */
export type IngressRemove = SpecOf<typeof ingressRemoveFields>
