import type {Cluster} from '../../src/cluster/cluster.ts'
import type {FederationFacts} from '../../src/facts/federation.ts'
import {type Joining, resolveJoining} from '../../src/facts/members.ts'
import type {ControlPlane} from '../../src/istio/control-plane.ts'
import {multiClusterLabel, networkLabel} from '../../src/manifests/labels.ts'
import type {KubernetesObject} from '../../src/manifests/object.ts'
import {federationFields} from '../../src/specs/federation.ts'
import {readSpec} from '../../src/specs/read.ts'

/** A control plane that fits into the mesh of these samples. */
export function controlPlane(cluster: string, more: Partial<ControlPlane> = {}): ControlPlane {
  return {
    revision: 'default',
    namespace: 'istio-system',
    version: '1.30.3',
    cluster,
    network: `net-${cluster}`,
    meshId: 'mesh1',
    trustDomain: 'cluster.local',
    capturesDns: false,
    allocatesAddresses: true,
    servesRemotes: false,
    replicas: 1,
    ready: 1,
    ...more,
  }
}

/** What is read from a cluster that is ready to join. `cluster` only tells its address: nothing may be asked. */
export function facts(name: string, more: Partial<FederationFacts> = {}): FederationFacts {
  const server = `https://${name}.example:6443`
  return {
    cluster: {context: name, server, certificateAuthority: 'CA\n', tlsServerName: undefined} as Cluster,
    kubernetes: 'v1.36.3',
    made: [],
    record: undefined,
    uid: `uid-${name}`,
    hasIstioCrds: true,
    hasSailCrds: undefined,
    namespace: {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {name: 'istio-system', labels: {[networkLabel]: `net-${name}`}},
    },
    controlPlanes: [controlPlane(name)],
    caSecret: undefined,
    servedRoot: undefined,
    networkGateways: [],
    exposure: undefined,
    reader: {account: undefined, allowed: false},
    remoteSecrets: [],
    tokenSecrets: new Map(),
    dnsConfig: undefined,
    imports: [],
    primaryRemote: undefined,
    ...more,
  }
}

/** A cluster of a federation, by the context of its name. */
export function joining(name: string, more: Partial<FederationFacts> = {}, raw: object = {}): Joining {
  return resolveJoining(readSpec(federationFields, raw), name, facts(name, more))
}

/** A Service that leads into a network. */
export function gatewayService(
  network: string,
  more: {labels?: Record<string, string>; spec?: object; status?: object} = {},
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'istio-eastwestgateway',
      namespace: 'istio-system',
      labels: {[networkLabel]: network, ...more.labels},
    },
    spec: {ports: [{port: 15443}], ...more.spec},
    ...(more.status ? {status: more.status} : {}),
  }
}

/** A Secret with kubeconfigs, by cluster. */
export function remoteSecret(
  name: string,
  kubeconfigs: Record<string, string>,
  labels: Record<string, string> = {},
): KubernetesObject {
  const data = Object.entries(kubeconfigs).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {name, namespace: 'istio-system', labels: {[multiClusterLabel]: 'true', ...labels}},
    data: Object.fromEntries(data),
  }
}
