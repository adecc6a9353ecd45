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
} from '../../spec/field.ts'
import {dnsLabel} from '../../spec/texts.ts'
import {labelKey, labelValueOrEmpty} from './spec-texts.ts'

/** A port of a node that leads to a port of the gateway. */
export interface HostPort {
  host: number
  container: number
}

/** How a gateway is reached inside its network (Service `spec.type`). */
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
  about: "port of the nodes that leads to a port of the gateway's pod, may be repeated",
  valueName: 'HOST:CONTAINER',
  fallback: [],
  parse: (raw: Raw) =>
    (Array.isArray(raw) ? raw : [raw]).flatMap(text => String(text).split(',')).map(text => hostPortOf(text.trim())),
  format: all => all.map(({host, container}) => `${host}:${container}`),
}

const serviceType: Field<ServiceType | undefined> = {
  ...choiceField({
    flag: 'service-type',
    about: "type of the gateway's Service",
    options: ['LoadBalancer', 'NodePort', 'ClusterIP'],
    fallback: 'LoadBalancer',
  }),
  fallback: undefined,
  fallbackText: 'LoadBalancer, with --host-port ClusterIP',
}

/** Which gateway: fields that all `mesh ingress` commands share. */
export const ingressName = {
  ...textFieldWithDefault({
    flag: 'name',
    about: 'name of the gateway',
    valueName: 'NAME',
    check: dnsLabel,
    fallback: 'istio-ingressgateway',
  }),
  argument: true as const,
}

const namespace = textField({
  flag: 'namespace',
  about: 'namespace of the gateway, made when it is missing',
  valueName: 'NS',
  check: dnsLabel,
  fallbackText: "the context's",
})

/** All that `mesh ingress deploy` can be told. */
export const ingressDeployFields = {
  name: ingressName,
  namespace,
  kind: choiceField({
    flag: 'kind',
    about: 'what runs it; a daemonset has one pod on each chosen node',
    options: ['deployment', 'daemonset'],
    fallback: 'deployment',
  }),
  hostPorts,
  nodeSelector: mapField({
    flag: 'node-selector',
    about: 'label of the nodes that it runs on, may be repeated',
    valueName: 'KEY=VALUE',
    check: labelValueOrEmpty,
    checkKey: labelKey,
  }),
  serviceType,
  systemNamespace: commonFields.systemNamespace,
  revision: {...commonFields.revision, about: 'revision or tag whose proxy it runs'},
}

/** What was said of a gateway. */
export type IngressDeploy = SpecOf<typeof ingressDeployFields>

/** The gateway's own port for health checks; 15090 is the proxy's metrics, 15000 to 15021 its own (istio docs, ports). */
const proxyPorts = [15_000, 15_001, 15_004, 15_006, 15_008, 15_020, 15_021, 15_053, 15_090]

/** What one field alone can't tell. */
export function ingressDeployProblems({name, hostPorts: ports}: IngressDeploy): Problem[] {
  const problems: Problem[] = []
  if (name.replace(/^istio-/, '') === '') problems.push({message: `NAME ${name} leaves nothing for the label istio=`})
  // a Service of that name, and Role names with a suffix
  if (name.length > 59) problems.push({message: `NAME ${name} has ${name.length} characters, 59 are the most`})
  for (const side of ['host', 'container'] as const) {
    const twice = ports.map(port => port[side]).filter((port, at, all) => all.indexOf(port) !== at)
    for (const port of new Set(twice)) problems.push({message: `--host-port names the ${side} port ${port} twice`})
  }
  for (const {container} of ports.filter(port => proxyPorts.includes(port.container)))
    problems.push({
      message: `--host-port: the proxy uses ${container} itself`,
      hints: ['take another container port, 8080 for example'],
    })
  for (const {host} of ports.filter(port => port.host === 15_021))
    problems.push({message: `--host-port: the Service has ${host} for its health checks`})
  return problems
}

/** All that `mesh ingress remove` can be told. */
export const ingressRemoveFields = {name: ingressName, namespace: {...namespace, about: 'namespace of the gateway'}}

/** Which gateway goes. */
export type IngressRemove = SpecOf<typeof ingressRemoveFields>
