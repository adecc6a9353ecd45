import {gatewayNameLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {isSelected} from '../../istio/selectors.ts'
import {shellWord} from '../../text/shell-word.ts'
import {isGatewayPod} from './istio-services.ts'
import type {AuthzFacts} from './read.ts'
import type {AuthzAttach} from './spec.ts'
import type {Target} from './spec-fields.ts'

/** The workloads that an authorizer protects. */
export interface ResolvedTarget {
  namespace: string
  /** Labels of the workloads. Empty for all workloads of the namespace. */
  labels: Record<string, string>
  /** Name of a Gateway of the Gateway API, which policies reference instead of labels. */
  gateway?: string | undefined
  /** The workloads are gateways. */
  isGateway: boolean
}

/** The target, or why it does not exist. */
export type Resolution = {target: ResolvedTarget} | {missing: string; hint: string}

/**
 * Finds the workloads that `--to` or `--selector` select.
 *
 * @param recorded namespaces of policies that the record of the authorizer lists
 */
export function resolveTarget(
  spec: Pick<AuthzAttach, 'to' | 'selector' | 'systemNamespace'> & {namespace: string},
  facts: AuthzFacts,
  recorded: readonly string[] = [],
): Resolution {
  const {to, selector, namespace} = spec
  if (!to) return {target: {namespace, labels: selector, isGateway: anyGateway(namespace, selector, facts)}}
  if (to.kind === 'namespace') return namespaceTarget(to, facts)
  if (to.kind === 'workload') return workloadTarget(to, namespace, facts)
  return gatewayTarget(to, [namespace, spec.systemNamespace, ...recorded], facts)
}

function namespaceTarget({name}: Target, facts: AuthzFacts): Resolution {
  return facts.namespaces.some(({metadata}) => metadata.name === name)
    ? {target: {namespace: name, labels: {}, isGateway: false}}
    : {missing: `no namespace ${name}`, hint: 'kubectl get namespaces'}
}

function workloadTarget({name}: Target, namespace: string, facts: AuthzFacts): Resolution {
  const found = facts.workloads.find(({metadata}) => metadata.name === name && metadata.namespace === namespace)
  if (!found)
    return {missing: `no workload ${name} in namespace ${namespace}`, hint: `kubectl -n ${namespace} get deploy,ds,sts`}
  const labels = (found.spec as {selector?: {matchLabels?: Record<string, string>}}).selector?.matchLabels ?? {}
  return {target: {namespace, labels, isGateway: anyGateway(namespace, labels, facts)}}
}

/**
 * A Gateway of the Gateway API, else an Istio Gateway, else the Service of a gateway.
 *
 * Threat: whoever administers a namespace can create a gateway with a default name, or pods with its labels. The policy would
 * then protect these instead of the real gateway.
 *
 * @param namespaces where to look: those that the user names, that of the control plane, and recorded ones
 */
function gatewayTarget({name}: Target, namespaces: readonly string[], facts: AuthzFacts): Resolution {
  const find = (objects: readonly KubernetesObject[]) => findByName(name, objects, namespaces)
  const apiGateway = find(facts.apiGateways)
  if (apiGateway)
    return {target: {namespace: apiGateway.metadata.namespace ?? '', labels: {}, gateway: name, isGateway: true}}
  const gateway = find(facts.gateways)
  const service = find(facts.services)
  const labels = selectorOf(gateway) ?? selectorOf(service)
  if (!labels || Object.keys(labels).length === 0) return missingGateway(name, namespaces, facts)
  if (!gateway) return {target: {namespace: service?.metadata.namespace ?? '', labels, isGateway: true}}
  return podsTarget(gateway, labels, namespaces, facts)
}

/** The pods of an Istio Gateway may be in any namespace. A Service selects only pods in its namespace. */
function podsTarget(
  {metadata: {name, namespace}}: KubernetesObject,
  labels: Record<string, string>,
  namespaces: readonly string[],
  facts: AuthzFacts,
): Resolution {
  const found = namespacesOfPods(labels, facts)
  const near = namespaces.find(one => found.includes(one))
  if (near === undefined && found.length > 1)
    return {
      missing: `pods of gateway ${name} run in several namespaces: ${found.join(', ')}`,
      hint: `select them: -n NAMESPACE ${Object.entries(labels)
        .map(label => `-l ${shellWord(label.join('='))}`)
        .join(' ')}`,
    }
  return {target: {namespace: near ?? found[0] ?? namespace ?? '', labels, isGateway: true}}
}

function missingGateway(name: string, namespaces: readonly string[], facts: AuthzFacts): Resolution {
  const elsewhere = [...facts.apiGateways, ...facts.gateways, ...facts.services]
    .filter(({metadata}) => metadata.name === name)
    .map(({metadata}) => metadata.namespace ?? '')
  const others = [...new Set(elsewhere)]
  const [only] = others
  const where = [...new Set(namespaces)].join(' or ')
  return {
    missing: `no gateway ${name} in namespace ${where}: no Gateway or gateway Service there has this name`,
    hint:
      only === undefined
        ? 'kubectl get gateways.networking.istio.io,services -A, or select workloads with -l LABEL=VALUE'
        : `${others.length === 1 ? `namespace ${only} has one; to use it` : `namespaces ${others.join(', ')} have one; to use one`}: -n ${shellWord(only)}`,
  }
}

function findByName(
  name: string,
  objects: readonly KubernetesObject[],
  namespaces: readonly string[],
): KubernetesObject | undefined {
  const named = objects.filter(({metadata}) => metadata.name === name)
  return namespaces.flatMap(namespace => named.filter(({metadata}) => metadata.namespace === namespace))[0]
}

function selectorOf(object: KubernetesObject | undefined): Record<string, string> | undefined {
  return (object?.spec as {selector?: Record<string, string>} | undefined)?.selector
}

function namespacesOfPods(labels: Record<string, string>, facts: AuthzFacts): string[] {
  const pods = facts.pods.filter(({metadata}) => isSelected(labels, metadata.labels))
  return [...new Set(pods.map(({metadata}) => metadata.namespace ?? ''))]
}

function anyGateway(namespace: string, labels: Record<string, string>, facts: AuthzFacts): boolean {
  return facts.pods.some(
    pod => pod.metadata.namespace === namespace && isSelected(labels, pod.metadata.labels) && isGatewayPod(pod),
  )
}

/** The labels that the pods of a target have. */
export function labelsOfTarget({labels, gateway}: ResolvedTarget): Record<string, string> {
  return gateway === undefined ? labels : {[gatewayNameLabel]: gateway}
}

/** Labels in messages: `app=web,version=v1`. */
export function formatLabels(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

/** The pods of a target. */
export function podsOfTarget(target: ResolvedTarget, facts: Pick<AuthzFacts, 'pods'>): KubernetesObject[] {
  const labels = Object.entries(labelsOfTarget(target))
  return facts.pods.filter(
    ({metadata}) =>
      metadata.namespace === target.namespace && labels.every(([key, value]) => metadata.labels?.[key] === value),
  )
}
