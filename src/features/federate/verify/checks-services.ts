import type {Finding} from '../../../findings/check.ts'
import {shellWord} from '../../../spec/read.ts'
import type {SeenCluster, SeenService} from './read.ts'

/**
 * Services of mesh namespaces that other clusters have and this one lacks, or has with other ports; a warning a namespace.
 * A namespace is one of the mesh's as soon as one cluster labels it so. Where a Service is not, its name resolves to nothing
 * and no pod can call it, wherever its endpoints are (istio.io, "Multicluster installation"; namespace sameness).
 */
export function findUnlikeServices(
  me: SeenCluster,
  all: readonly SeenCluster[],
  systemNamespace: string,
): Omit<Finding, 'cluster'>[] {
  const others = all.filter(other => other !== me && other.unreachable === undefined)
  const inMesh = new Set(all.flatMap(({meshNamespaces}) => [...meshNamespaces]))
  inMesh.delete(systemNamespace)
  const mine = new Map(me.services.map(service => [keyOf(service), service]))
  return [...inMesh].sort().flatMap(namespace => {
    const missing = new Map<string, SeenCluster>()
    const unlike = new Map<string, {other: SeenCluster; ports: string[]}>()
    for (const other of others)
      for (const service of other.services.filter(each => each.namespace === namespace)) {
        const own = mine.get(keyOf(service))
        if (!own) missing.set(service.name, missing.get(service.name) ?? other)
        else if (own.ports.join() !== service.ports.join() && !unlike.has(service.name))
          unlike.set(service.name, {other, ports: service.ports})
      }
    return [...missingTrouble(me, namespace, missing), ...unlikeTrouble(me, namespace, unlike, mine)]
  })
}

function missingTrouble(
  me: SeenCluster,
  namespace: string,
  missing: ReadonlyMap<string, SeenCluster>,
): Omit<Finding, 'cluster'>[] {
  const [first] = missing
  if (!first) return []
  const [name, other] = first
  const where = [...new Set([...missing.values()].map(({member}) => member.cluster))].sort().join(', ')
  const names = [...missing.keys()].sort().join(', ')
  const there = me.namespaces.has(namespace) ? '' : ' (nor is the namespace)'
  return [
    {
      level: 'warning',
      message: `namespace ${namespace}: ${names} of ${where} ${missing.size === 1 ? 'is' : 'are'} not here${there}: pods here can't resolve ${missing.size === 1 ? 'its name' : 'their names'}`,
      hints: [
        `make a Service of the same name, namespace and ports: kubectl --context ${shellWord(other.member.context)} -n ${namespace} get service ${name} -o yaml`,
      ],
    },
  ]
}

function unlikeTrouble(
  me: SeenCluster,
  namespace: string,
  unlike: ReadonlyMap<string, {other: SeenCluster; ports: string[]}>,
  mine: ReadonlyMap<string, SeenService>,
): Omit<Finding, 'cluster'>[] {
  if (unlike.size === 0) return []
  const differences = [...unlike].map(
    ([name, {other, ports}]) =>
      `${name} has ${listed(mine.get(`${namespace}/${name}`)!.ports)} here and ${listed(ports)} in ${other.member.cluster}`,
  )
  return [
    {
      level: 'warning',
      message: `namespace ${namespace}: ports differ: ${differences.sort().join('; ')}`,
      hints: [
        `kubectl --context ${shellWord(me.member.context)} -n ${namespace} edit service ${[...unlike.keys()][0]}`,
      ],
    },
  ]
}

function listed(ports: readonly string[]): string {
  return ports.length === 0 ? 'none' : ports.join(',')
}

function keyOf({namespace, name}: SeenService): string {
  return `${namespace}/${name}`
}
