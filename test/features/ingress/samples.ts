import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {IngressCheck, IngressSubject} from '../../../src/features/ingress/checks-subject.ts'
import type {IngressFacts} from '../../../src/features/ingress/read.ts'
import {ingressDeployFields} from '../../../src/features/ingress/spec-deploy.ts'
import {runChecks} from '../../../src/findings/check.ts'
import type {ControlPlane} from '../../../src/istio/control-plane.ts'
import {type RawSpec, readSpec} from '../../../src/spec/read.ts'
import {injector} from '../../integration/ingress/support.ts'

export type RawDeploy = RawSpec<typeof ingressDeployFields>

export const cluster = {context: 'east'} as Cluster

export function object(kind: string, name: string, more: object = {}, metadata: object = {}): KubernetesObject {
  return {apiVersion: 'v1', kind, metadata: {name, ...metadata}, ...more}
}

export function node(name: string, labels: Record<string, string> = {}, spec: object = {}): KubernetesObject {
  return object('Node', name, {spec, status: {conditions: [{type: 'Ready', status: 'True'}]}}, {labels})
}

/** A pod in namespace `other` that uses a port of its node. */
export function pod(name: string, nodeName: string, hostPort: number, more: object = {}, metadata: object = {}) {
  const containers = [{name: 'a', ports: [{containerPort: hostPort, hostPort}]}]
  return object('Pod', name, {spec: {nodeName, containers}, ...more}, {namespace: 'other', ...metadata})
}

/** Metadata of a pod of the gateway that is deployed. */
export const gatewayPod = {namespace: 'edge', labels: {app: 'istio-ingressgateway', istio: 'ingressgateway'}}

export function controlPlaneFacts(meshText = ''): IngressFacts['controlPlane'] {
  const controlPlane = {revision: 'default', replicas: 1, ready: 1} as ControlPlane
  return {
    controlPlane,
    revisions: ['default'],
    meshMap: undefined,
    meshText,
    shared: undefined,
    env: {},
    isTenant: false,
  }
}

/** A cluster in which a gateway can be deployed to namespace `edge`. */
export function healthyFacts(): IngressFacts {
  return {
    cluster,
    controlPlane: controlPlaneFacts(),
    injectors: [injector() as unknown as KubernetesObject],
    namespace: object('Namespace', 'edge'),
    existing: [],
    nodes: [node('n1', {front_end: 'true'}), node('n2')],
    pods: [],
    services: [],
  }
}

/**
 * Findings of checks, as texts. `facts` replace those of a healthy cluster.
 *
 * @param ours objects that the record lists
 */
export function findingsOf(
  checks: readonly IngressCheck[],
  raw: RawDeploy,
  facts: Partial<IngressFacts> = {},
  ours: readonly KubernetesObject[] = [],
): string[] {
  const spec = readSpec(ingressDeployFields, {namespace: 'edge', ...raw}) as IngressSubject['spec']
  const findings = runChecks(checks, {
    spec,
    facts: {...healthyFacts(), ...facts},
    isOurs: existing => ours.includes(existing),
  })
  return findings.map(({level, check, message}) => `${level} ${check}: ${message}`)
}
