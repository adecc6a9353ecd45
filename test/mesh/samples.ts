import type {Cluster} from '../../src/engine/cluster/cluster.ts'
import {multiClusterLabel, networkLabel} from '../../src/engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {federationFields} from '../../src/features/federate/spec.ts'
import type {ControlPlane} from '../../src/istio/control-plane.ts'
import {federationApplySet} from '../../src/mesh/applyset.ts'
import {noDns} from '../../src/mesh/dns/facts.ts'
import type {FederationFacts} from '../../src/mesh/facts.ts'
import {type MeshMember, resolveMember} from '../../src/mesh/members.ts'
import {readSpec} from '../../src/spec/read.ts'

/** Returns a control plane that matches the mesh of these samples. */
export function controlPlane(cluster: string, more: Partial<ControlPlane> = {}): ControlPlane {
  return {
    revision: 'default',
    namespace: 'istio-system',
    version: '1.30.3',
    cluster,
    network: `net-${cluster}`,
    meshId: 'mesh1',
    trustDomain: 'cluster.local',
    trustDomainAliases: [],
    acceptedTrustDomains: ['cluster.local'],
    externalCa: undefined,
    manager: undefined,
    capturesDns: false,
    allocatesAddresses: true,
    servesRemotes: false,
    readsRemoteSecrets: true,
    discoverySelectors: [],
    meshConfigProblems: [],
    replicas: 1,
    ready: 1,
    ...more,
  }
}

/** Returns the facts of a cluster that is ready to join. `cluster` has only an address and accepts no requests. */
export function facts(name: string, more: Partial<FederationFacts> = {}): FederationFacts {
  const server = `https://${name}.example:6443`
  return {
    cluster: {context: name, server, certificateAuthority: 'CA\n', tlsServerName: undefined} as Cluster,
    kubernetes: 'v1.36.3',
    created: [],
    unrecorded: [],
    record: undefined,
    set: federationApplySet({systemNamespace: 'istio-system'}),
    replaced: [],
    revision: undefined,
    isTenant: false,
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
    nodes: undefined,
    gatewayDeployments: [],
    exposure: undefined,
    reader: {account: undefined, allowed: false, readsSecrets: false},
    remoteSecrets: [],
    tokenSecrets: new Map(),
    clusterAuthority: undefined,
    dns: noDns,
    imports: [],
    primaryRemote: undefined,
    ...more,
  }
}

/** Returns a member whose context is `name`. `raw` are the flags of the Spec. */
export function member(name: string, more: Partial<FederationFacts> = {}, raw: object = {}): MeshMember {
  return resolveMember(readSpec(federationFields, raw), name, facts(name, more))
}

/** Returns the Service of a network's gateway. */
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

/** Returns a remote Secret with kubeconfigs by cluster. */
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
