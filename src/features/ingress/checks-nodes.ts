import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Finding} from '../../findings/check.ts'
import {count, someOf} from '../../text/count.ts'
import {shellWord} from '../../text/shell-word.ts'
import {type IngressCheck, isGatewayPod} from './checks-subject.ts'
import {activePods, matchingNodes} from './placement.ts'

const nodesMatch: IngressCheck = {
  id: 'nodes',
  about: 'the node selector matches nodes that are ready and have no taints',
  run: ({spec, facts}) => {
    const nodes = matchingNodes(facts.nodes, spec.nodeSelector)
    return nodes.length === 0
      ? [noNodes(facts.nodes.length, spec.nodeSelector)]
      : [...unready(nodes), ...tainted(nodes)]
  },
}

function noNodes(total: number, nodeSelector: Readonly<Record<string, string>>): Finding {
  const labels = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`)
  if (labels.length === 0) return {message: 'the cluster has no nodes'}
  return {
    message: `no node is labelled ${labels.join(' and ')}; the cluster has ${count(total, 'node')}`,
    hints: [`kubectl label node NODE ${labels.map(shellWord).join(' ')}`],
  }
}

function unready(nodes: readonly KubernetesObject[]): Finding[] {
  const names = nodes.filter(node => !isReady(node)).map(({metadata}) => metadata.name)
  if (names.length === 0) return []
  const verb = names.length === 1 ? 'is' : 'are'
  const message = `${names.length} of ${count(nodes.length, 'matching node')} ${verb} not ready: ${someOf(names)}`
  return [{level: 'warning', message}]
}

function isReady({status}: KubernetesObject): boolean {
  const {conditions = []} = (status ?? {}) as {conditions?: {type: string; status: string}[]}
  return conditions.some(({type, status: state}) => type === 'Ready' && state === 'True')
}

function tainted(nodes: readonly KubernetesObject[]): Finding[] {
  const names = nodes.filter(isTainted).map(({metadata}) => metadata.name)
  if (names.length === 0) return []
  return [
    {
      level: names.length === nodes.length ? 'error' : 'warning',
      message: `the gateway does not tolerate the taints of ${names.length} of ${count(nodes.length, 'matching node')}: ${someOf(names)}`,
      hints: [`remove a taint: kubectl taint node ${names[0]} KEY-`],
    },
  ]
}

/** Taints `node.kubernetes.io/…` mirror conditions of the node, which the check of readiness covers. */
function isTainted({spec}: KubernetesObject): boolean {
  const {taints = []} = (spec ?? {}) as {taints?: {key: string; effect: string}[]}
  return taints.some(({key, effect}) => effect !== 'PreferNoSchedule' && !key.startsWith('node.kubernetes.io/'))
}

/** A pod whose host port is in use on every node stays Pending. */
const hostPortsFree: IngressCheck = {
  id: 'host-ports',
  about: 'the host ports are free on the matching nodes',
  run: ({spec, facts}) => {
    const nodes = new Set(matchingNodes(facts.nodes, spec.nodeSelector).map(({metadata}) => metadata.name))
    const others = activePods(facts.pods).filter(
      pod => pod.node !== undefined && nodes.has(pod.node) && !isGatewayPod(pod, spec),
    )
    return spec.hostPorts.flatMap(({host}): Finding[] => {
      const users = others.filter(({hostPorts}) => hostPorts.includes(host))
      if (users.length === 0) return []
      const busy = new Set(users.map(({node}) => node))
      const names = someOf(users.map(({namespace, name, node}) => `pod ${namespace}/${name} on ${node}`))
      return [
        {
          // The pods of a Deployment are scheduled to nodes where the port is free.
          ...(spec.kind === 'deployment' && busy.size < nodes.size ? {level: 'warning' as const} : {}),
          message: `host port ${host} is in use on ${busy.size} of ${count(nodes.size, 'matching node')}: ${names}`,
          hints: ['use another --host-port, select other nodes with --node-selector, or move these pods'],
        },
      ]
    })
  },
}

/** kube-proxy handles a node port before the container runtime can forward a host port of the same number. */
const nodePortsFree: IngressCheck = {
  id: 'node-ports',
  about: 'no host port is the node port of a Service',
  run: ({spec, facts}) =>
    facts.services.flatMap(service => {
      const {ports = []} = (service.spec ?? {}) as {ports?: {nodePort?: number; protocol?: string}[]}
      const {namespace, name} = service.metadata
      return spec.hostPorts
        .filter(({host}) => ports.some(({nodePort, protocol = 'TCP'}) => nodePort === host && protocol === 'TCP'))
        .map(({host}) => ({
          message: `host port ${host} is the node port of Service ${namespace}/${name}, which receives its requests on every node`,
          hints: ['use a host port outside of the node port range (30000 to 32767 by default)'],
        }))
    }),
}

/** Checks that nodes can run the gateway and give it its host ports. */
export const nodeChecks: readonly IngressCheck[] = [nodesMatch, hostPortsFree, nodePortsFree]
