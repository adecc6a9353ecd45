import {contextFlags} from '../../../spec/context-ref.ts'
import type {ObservedCluster, ObservedService} from './read.ts'
import {type CurrentFinding, fromApiServers, isReachable, kubectl, type VerifySubject, verifyCheck} from './subject.ts'

/**
 * A client resolves a Service only if its own cluster has a Service with the same name and namespace, regardless of where the endpoints
 * are (istio.io, "Multicluster installation"; namespace sameness).
 */
export const services = verifyCheck({
  id: 'services',
  about: 'mesh namespaces have the same Services and ports in all clusters',
  applies: subject => isReachable(subject) && !subject.gateways,
  from: fromApiServers,
  run: subject => comparedNamespaces(subject).flatMap(namespace => serviceDifferences(subject, namespace)),
})

/** Namespaces that at least one cluster labels as part of the mesh, without the system namespace. */
function comparedNamespaces({all, systemNamespace}: VerifySubject): string[] {
  const namespaces = new Set(all.flatMap(({meshNamespaces}) => [...meshNamespaces]))
  namespaces.delete(systemNamespace)
  return [...namespaces].sort()
}

/** Findings of one namespace: at most one for missing Services and one for ports. */
function serviceDifferences(subject: VerifySubject, namespace: string): CurrentFinding[] {
  const {current, all} = subject
  const own = new Map(servicesIn(current, namespace).map(service => [service.name, service]))
  const missing = new Map<string, ObservedCluster>()
  const differing = new Map<string, string>()
  for (const other of all.filter(each => each !== current && each.unreachable === undefined))
    for (const {name, ports} of servicesIn(other, namespace)) {
      const ownPorts = own.get(name)?.ports
      if (!ownPorts) missing.set(name, missing.get(name) ?? other)
      else if (ownPorts.join() !== ports.join() && !differing.has(name))
        differing.set(
          name,
          `${name} has ${portsText(ownPorts)} here and ${portsText(ports)} in ${other.member.cluster}`,
        )
    }
  return [...missingServices(subject, namespace, missing), ...differingPorts(subject, namespace, differing)]
}

function servicesIn({services}: ObservedCluster, namespace: string): ObservedService[] {
  return services.filter(service => service.namespace === namespace)
}

function portsText(ports: readonly string[]): string {
  return ports.length === 0 ? 'no ports' : ports.join(',')
}

/** @param missing the first cluster that has the Service, by the name of the Service */
function missingServices(
  {current}: VerifySubject,
  namespace: string,
  missing: ReadonlyMap<string, ObservedCluster>,
): CurrentFinding[] {
  const [first] = missing
  if (!first) return []
  const [name, other] = first
  const clusters = [...new Set([...missing.values()].map(({member}) => member.cluster))].sort().join(', ')
  const one = missing.size === 1
  const namespaceToo = current.namespaces.has(namespace) ? '' : ' (the namespace is missing too)'
  return [
    {
      level: 'warning',
      message: `namespace ${namespace}: ${[...missing.keys()].sort().join(', ')} ${one ? 'exists' : 'exist'} in ${clusters} but not here${namespaceToo}; pods here cannot resolve ${one ? 'its name' : 'their names'}`,
      hints: [
        `create a Service with the same name, namespace and ports: kubectl ${contextFlags(other.member.context)} -n ${namespace} get service ${name} -o yaml`,
      ],
    },
  ]
}

/** @param differing both lists of ports as text, by the name of the Service */
function differingPorts(
  subject: VerifySubject,
  namespace: string,
  differing: ReadonlyMap<string, string>,
): CurrentFinding[] {
  const [first] = differing.keys()
  if (first === undefined) return []
  return [
    {
      level: 'warning',
      message: `namespace ${namespace}: ports differ: ${[...differing.values()].sort().join('; ')}`,
      hints: [`${kubectl(subject)} -n ${namespace} edit service ${first}`],
    },
  ]
}
