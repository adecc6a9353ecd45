import {gatewayNameLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {isSelected} from '../../istio/selectors.ts'
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

/** Finds the workloads that `--to` or `--selector` select. */
export function resolveTarget(
  spec: Pick<AuthzAttach, 'to' | 'selector' | 'systemNamespace'> & {namespace: string},
  facts: AuthzFacts,
): Resolution {
  const {to, selector, namespace} = spec
  if (!to) return {target: {namespace, labels: selector, isGateway: anyGateway(namespace, selector, facts)}}
  if (to.kind === 'namespace') return namespaceTarget(to, facts)
  if (to.kind === 'workload') return workloadTarget(to, namespace, facts)
  return gatewayTarget(to, [namespace, spec.systemNamespace], facts)
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
 * @param namespaces where to look first; elsewhere a name must be unique
 */
function gatewayTarget({name}: Target, namespaces: readonly string[], facts: AuthzFacts): Resolution {
  const find = (objects: readonly KubernetesObject[]) => findByName(name, objects, namespaces)
  const apiGateway = find(facts.apiGateways)
  if (apiGateway)
    return {target: {namespace: apiGateway.metadata.namespace ?? '', labels: {}, gateway: name, isGateway: true}}
  const gateway = find(facts.gateways)
  const service = find(facts.services)
  const labels = selectorOf(gateway) ?? selectorOf(service)
  if (!labels || Object.keys(labels).length === 0)
    return {
      missing: `no gateway ${name}: no Gateway and no gateway Service has this name`,
      hint: 'kubectl get gateways.networking.istio.io,services -A, or select workloads with -l LABEL=VALUE',
    }
  // A Service selects pods in the same namespace; an Istio Gateway selects pods in any namespace.
  const namespace = gateway
    ? (namespaceOfPods(labels, namespaces, facts) ?? gateway.metadata.namespace)
    : service?.metadata.namespace
  return {target: {namespace: namespace ?? '', labels, isGateway: true}}
}

function findByName(
  name: string,
  objects: readonly KubernetesObject[],
  namespaces: readonly string[],
): KubernetesObject | undefined {
  const named = objects.filter(({metadata}) => metadata.name === name)
  const near = namespaces.flatMap(namespace => named.filter(({metadata}) => metadata.namespace === namespace))
  return near[0] ?? (named.length === 1 ? named[0] : undefined)
}

function selectorOf(object: KubernetesObject | undefined): Record<string, string> | undefined {
  return (object?.spec as {selector?: Record<string, string>} | undefined)?.selector
}

/** The namespace of the selected pods; one of the preferred namespaces if pods are there. */
function namespaceOfPods(
  labels: Record<string, string>,
  preferred: readonly string[],
  facts: AuthzFacts,
): string | undefined {
  const namespaces = facts.pods
    .filter(({metadata}) => isSelected(labels, metadata.labels))
    .map(({metadata}) => metadata.namespace ?? '')
  return namespaces.find(namespace => preferred.includes(namespace)) ?? namespaces[0]
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
