import {controlPlaneClustersAnnotation, networkLabel} from '../../src/engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {type Federation, federationFields} from '../../src/features/federate/spec.ts'
import type {ControlPlane} from '../../src/istio/control-plane.ts'
import {injectionPath} from '../../src/istio/remote.ts'
import type {FederationFacts, PrimaryRemoteFacts} from '../../src/mesh/facts.ts'
import {type MeshMember, resolveMember} from '../../src/mesh/members.ts'
import {readSpec} from '../../src/spec/read.ts'
import {controlPlane, facts, gatewayService} from './samples.ts'

/** Address of east's gateway. */
export const primaryAddress = '203.0.113.11'

/** Returns the webhook configuration of a remote. A `caBundle` of null: istiod has not added its CA yet. */
export function injector(
  cluster: string,
  network: string | undefined,
  caBundle: string | null = 'Q0E=',
): KubernetesObject {
  const service = {name: 'istiod', namespace: 'istio-system', path: injectionPath(cluster, network), port: 443}
  const webhook = (name: string) => ({name, clientConfig: {service, ...(caBundle === null ? {} : {caBundle})}})
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: {name: 'istio-sidecar-injector', labels: {'istio.io/rev': 'default'}},
    webhooks: [webhook('rev.namespace.sidecar-injector.istio.io'), webhook('rev.object.sidecar-injector.istio.io')],
  }
}

/** Returns the system namespace of a remote that a cluster manages. */
export function ledNamespace(by: string, network = 'net-west'): KubernetesObject {
  const metadata = {
    name: 'istio-system',
    labels: {[networkLabel]: network},
    annotations: {[controlPlaneClustersAnnotation]: by},
  }
  return {apiVersion: 'v1', kind: 'Namespace', metadata}
}

/** Differences from the default sample: east, a primary with a gateway, and west, a remote that is set up. */
export interface RemoteDiffers {
  raw?: object
  plane?: Partial<ControlPlane>
  east?: Partial<FederationFacts>
  eastRemote?: Partial<PrimaryRemoteFacts>
  west?: Partial<FederationFacts>
  westRemote?: Partial<PrimaryRemoteFacts>
}

/** Returns the primary east and its remote west. */
export function primaryAndRemote(differs: RemoteDiffers = {}): {spec: Federation; all: [MeshMember, MeshMember]} {
  const raw = {contexts: ['east', 'west'], mode: 'primary-remote', ...differs.raw}
  const spec = readSpec(federationFields, raw)
  const none: PrimaryRemoteFacts = {
    injector: undefined,
    istiodAddresses: [],
    istiodExposed: false,
    gateway: undefined,
    readerLeads: false,
  }
  const ports = {ports: [15443, 15012, 15017].map(port => ({port}))}
  const status = {loadBalancer: {ingress: [{ip: primaryAddress}]}}
  const gateway = gatewayService('net-east', {spec: ports, status})
  const account = {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: 'istio-reader-service-account'}}
  const east = facts('east', {
    controlPlanes: [controlPlane('east', {servesRemotes: true, ...differs.plane})],
    networkGateways: [gateway],
    primaryRemote: {...none, istiodExposed: true, ...differs.eastRemote},
    ...differs.east,
  })
  const remote = {injector: injector('west', 'net-west'), istiodAddresses: [primaryAddress], readerLeads: true}
  const west = facts('west', {
    controlPlanes: [],
    hasIstioCrds: false,
    namespace: ledNamespace('east'),
    networkGateways: [
      gatewayService('net-west', {spec: ports, status: {loadBalancer: {ingress: [{ip: '203.0.113.12'}]}}}),
    ],
    reader: {account, allowed: true, readsSecrets: true},
    primaryRemote: {...none, ...remote, ...differs.westRemote},
    ...differs.west,
  })
  return {spec, all: [resolveMember(spec, 'east', east), resolveMember(spec, 'west', west)]}
}
