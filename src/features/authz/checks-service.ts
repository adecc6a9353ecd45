import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../findings/check.ts'
import {isDiscovered} from '../../istio/selectors.ts'
import {shellWord} from '../../text/shell-word.ts'
import {hostOfService} from './istio.ts'
import {acceptsMtls, podsOf, portsOf, readyEndpoints, servicesOf} from './istio-services.ts'
import type {AuthzFacts} from './read.ts'

/** The service of an authorizer, which is checked before it is attached and by `verify`. */
export interface ServiceSubject {
  facts: AuthzFacts
  clusterDomain: string
  /** `host` is a full host, or `namespace/host`. Undefined without a provider. */
  service: {host: string; port: number; type: 'grpc' | 'http'} | undefined
}

function findService({facts, clusterDomain, service}: ServiceSubject): KubernetesObject | undefined {
  return service && servicesOf(service.host, facts, clusterDomain)[0]
}

/** istiod denies all requests if it does not know the service. */
export const serviceExists: Check<ServiceSubject> = {
  id: 'service',
  about: 'the service and the port of the authorizer exist',
  run: ({facts, clusterDomain, service}) => {
    if (!service) return []
    const {host, port} = service
    const found = servicesOf(host, facts, clusterDomain)
    if (!found[0]) return [missingService(host, facts)]
    if (found.length > 1) {
      const namespaces = found.map(({metadata}) => metadata.namespace).join(', ')
      return [
        {
          message: `several namespaces define ${host}: ${namespaces}`,
          hints: [`--service ${shellWord(`NAMESPACE/${host}:${port}`)}`],
        },
      ]
    }
    const ports = portsOf(found[0]).map(({number}) => number)
    return ports.includes(port)
      ? []
      : [{message: `${host} has no port ${port}`, hints: [`existing ports: ${ports.join(', ') || 'none'}`]}]
  },
}

/**
 * Threat: whoever can create a ServiceEntry in any namespace can define a host of other clusters, and would then receive the
 * requests of all workloads that the authorizer protects. With `NAMESPACE/HOST`, the user names the namespace.
 */
export function serviceTrusted(level: 'error' | 'warning'): Check<ServiceSubject> {
  return {
    id: 'service-namespace',
    about: 'the host of the authorizer is defined in a namespace that is named, or of the mesh',
    run: ({facts, clusterDomain, service}) => {
      if (!service || hostOfService(service.host).namespace !== undefined) return []
      const mesh = [facts.controlPlane.controlPlane?.namespace, facts.mesh.rootNamespace]
      return servicesOf(service.host, facts, clusterDomain)
        .filter(({kind, metadata}) => kind === 'ServiceEntry' && !mesh.includes(metadata.namespace))
        .map(({metadata: {namespace, name}}) => ({
          level,
          message: `only ServiceEntry ${name} in namespace ${namespace} defines ${service.host}: whoever administers that namespace decides where requests are authorized`,
          hints: [`if that is intended: --service ${shellWord(`${namespace}/${service.host}:${service.port}`)}`],
        }))
    },
  }
}

function missingService(host: string, facts: AuthzFacts): Finding {
  const [name] = host.split('.')
  const namespaces = facts.services
    .filter(({metadata}) => metadata.name === name)
    .map(({metadata}) => metadata.namespace)
  return {
    message: `${host} is neither a Service nor a host of a ServiceEntry`,
    hints: [
      namespaces.length > 0
        ? `Service ${name} exists in namespace ${namespaces.join(', ')}`
        : 'kubectl get services -A',
    ],
  }
}

/** istiod ignores namespaces that its discoverySelectors do not select. */
export const serviceDiscovered: Check<ServiceSubject> = {
  id: 'discovered',
  about: 'the control plane watches the namespace of the authorizer',
  run: subject => {
    const {facts} = subject
    const name = findService(subject)?.metadata.namespace
    const namespace = facts.namespaces.find(({metadata}) => metadata.name === name)
    if (!namespace || isDiscovered(facts.mesh.discoverySelectors ?? [], namespace.metadata.labels ?? {})) return []
    return [
      {
        message: `namespace ${name} is not selected by discoverySelectors of the mesh config, so istiod cannot find the authorizer`,
        hints: [`label namespace ${name} as the discoverySelectors require`],
      },
    ]
  },
}

/** gRPC needs HTTP/2, which proxies use only for ports that are declared so. */
export const portIsGrpc: Check<ServiceSubject> = {
  id: 'protocol',
  about: 'the port of a gRPC authorizer is declared as gRPC',
  run: subject => {
    const {service} = subject
    const found = findService(subject)
    const port = found && portsOf(found).find(({number}) => number === service?.port)
    if (!port || service?.type !== 'grpc' || /^(grpc|http2|kubernetes\.io\/h2c)/.test(port.protocol)) return []
    return [
      {
        level: 'warning',
        message: `port ${service.port} of ${service.host} is not declared as gRPC`,
        hints: ['name the port grpc-…, or set its appProtocol to grpc'],
      },
    ]
  },
}

/** Without a sidecar, the authorizer receives requests with their headers and cookies in plain text. */
export const serviceUsesMtls: Check<ServiceSubject> = {
  id: 'mtls',
  about: 'requests to the authorizer use mTLS',
  run: subject => {
    const found = findService(subject)
    if (found?.kind !== 'Service') return []
    const pods = podsOf(found, subject.facts)
    const plain = pods.filter(pod => !acceptsMtls(pod))
    return plain.length === 0
      ? []
      : [
          {
            level: 'warning',
            message: `${plain.length} of ${pods.length} pods of ${subject.service?.host} have no sidecar: requests to them are plain text, with cookies and tokens`,
            hints: [`enable injection in namespace ${found.metadata.namespace}, then restart the pods`],
          },
        ]
  },
}

/** Without endpoints, the authorizer does not respond. */
export const serviceReady: Check<ServiceSubject> = {
  id: 'endpoints',
  about: 'the authorizer has ready endpoints',
  run: subject => {
    const found = findService(subject)
    return found && readyEndpoints(found, subject.facts) === 0
      ? [
          {
            message: `${subject.service?.host} has no ready endpoint`,
            hints: [`kubectl -n ${found.metadata.namespace} get pods,endpointslices`],
          },
        ]
      : []
  },
}
