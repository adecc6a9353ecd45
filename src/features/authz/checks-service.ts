import type {Check} from '../../findings/check.ts'
import {isDiscovered} from '../../istio/selectors.ts'
import {type AuthzFacts, holdersOfAuthorizer, podsOf, portsOf, readyEndpoints, takesMtls} from './read.ts'

/** The service of an authorizer, as it is looked at before and after. */
export interface ServiceSubject {
  facts: AuthzFacts
  clusterDomain: string
  /** Host in full or `namespace/host`, and port. */
  service: {host: string; port: number; type: 'grpc' | 'http'} | undefined
}

/** istiod denies all requests when it does not know the service. */
export const serviceKnown: Check<ServiceSubject> = {
  id: 'service',
  about: "the authorizer's service and port are known",
  run: ({facts, clusterDomain, service}) => {
    if (!service) return []
    const holders = holdersOfAuthorizer(service.host, facts, clusterDomain)
    const [holder] = holders
    if (!holder) {
      const [name] = service.host.split('.')
      const alike = facts.services
        .filter(({metadata}) => metadata.name === name)
        .map(({metadata}) => metadata.namespace)
      return [
        {
          message: `${service.host} is neither a Service nor a host of a ServiceEntry`,
          hints: [
            alike.length > 0 ? `a Service ${name} is in namespace ${alike.join(', ')}` : 'kubectl get services -A',
          ],
        },
      ]
    }
    if (holders.length > 1)
      return [
        {
          message: `${service.host} is a host of several namespaces: ${holders.map(({metadata}) => metadata.namespace).join(', ')}`,
          hints: [`--service NAMESPACE/${service.host}:${service.port}`],
        },
      ]
    const ports = portsOf(holder)
    if (ports.some(({number}) => number === service.port)) return []
    return [
      {
        message: `${service.host} has no port ${service.port}`,
        hints: [`it has ${ports.map(({number}) => number).join(', ') || 'none'}`],
      },
    ]
  },
}

/** A namespace that istiod does not watch is not there for it. */
export const serviceDiscovered: Check<ServiceSubject> = {
  id: 'discovered',
  about: "the authorizer's namespace is watched by the control plane",
  run: ({facts, clusterDomain, service}) => {
    const holder = service && holdersOfAuthorizer(service.host, facts, clusterDomain)[0]
    const namespace = facts.namespaces.find(({metadata}) => metadata.name === holder?.metadata.namespace)
    if (!namespace || isDiscovered(facts.mesh.discoverySelectors ?? [], namespace.metadata.labels ?? {})) return []
    return [
      {
        message: `namespace ${namespace.metadata.name} is not selected by the mesh's discoverySelectors, so the authorizer is unknown there`,
        hints: ['label it as the discoverySelectors want'],
      },
    ]
  },
}

/** gRPC needs HTTP/2, which istiod speaks to ports that say so. */
export const portSpeaksGrpc: Check<ServiceSubject> = {
  id: 'protocol',
  about: "the port's name says what the authorizer speaks",
  run: ({facts, clusterDomain, service}) => {
    const holder = service && holdersOfAuthorizer(service.host, facts, clusterDomain)[0]
    const port = holder && portsOf(holder).find(({number}) => number === service.port)
    if (!port || service.type !== 'grpc' || /^(grpc|http2|kubernetes\.io\/h2c)/.test(port.said)) return []
    return [
      {
        level: 'warning',
        message: `port ${service.port} of ${service.host} does not say that it speaks gRPC`,
        hints: ['name it grpc-…, or set its appProtocol to grpc'],
      },
    ]
  },
}

/** Without a sidecar the authorizer is asked in plain text, headers and cookies included. */
export const serviceMtls: Check<ServiceSubject> = {
  id: 'mtls',
  about: 'the authorizer is asked over mTLS',
  run: ({facts, clusterDomain, service}) => {
    const holder = service && holdersOfAuthorizer(service.host, facts, clusterDomain)[0]
    if (holder?.kind !== 'Service') return []
    const pods = podsOf(holder, facts)
    const plain = pods.filter(pod => !takesMtls(pod))
    return plain.length === 0
      ? []
      : [
          {
            level: 'warning',
            message: `${plain.length} of ${pods.length} pods of ${service!.host} have no sidecar: they are asked in plain text, cookies and tokens included`,
            hints: [`inject namespace ${holder.metadata.namespace} and restart them`],
          },
        ]
  },
}

/** Nobody answers as long as there is no endpoint. */
export const serviceReady: Check<ServiceSubject> = {
  id: 'endpoints',
  about: 'the authorizer has ready endpoints',
  run: ({facts, clusterDomain, service}) => {
    const holder = service && holdersOfAuthorizer(service.host, facts, clusterDomain)[0]
    return holder && readyEndpoints(holder, facts) === 0
      ? [
          {
            message: `${service.host} has no ready endpoint`,
            hints: [`kubectl -n ${holder.metadata.namespace} get pods,endpointslices`],
          },
        ]
      : []
  },
}
