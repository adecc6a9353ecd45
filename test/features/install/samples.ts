import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {InstallFacts} from '../../../src/features/install/read.ts'
import type {ControlPlane} from '../../../src/istio/control-plane.ts'

/** A control plane that `istioctl install` created, with other values on request. */
export function controlPlane(other: Partial<ControlPlane> = {}): ControlPlane {
  return {
    ...{revision: 'default', namespace: 'istio-system', version: '1.31.0', cluster: 'east', network: 'net-east'},
    ...{meshId: 'mesh1', trustDomain: 'cluster.local', trustDomainAliases: [], acceptedTrustDomains: ['cluster.local']},
    ...{externalCa: undefined, manager: undefined, capturesDns: false, allocatesAddresses: true, servesRemotes: false},
    ...{readsRemoteSecrets: true, discoverySelectors: [], meshConfigProblems: [], replicas: 1, ready: 1},
    ...other,
  }
}

/** The parent of a control plane's set. */
export function record(data: Record<string, string>): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name: 'kubectl-mesh-control-plane', namespace: 'istio-system'},
    data,
  }
}

/** What is read from an empty cluster, with other facts on request. */
export function facts(
  other: Partial<Pick<InstallFacts, 'controlPlanes' | 'proved' | 'tags' | 'hasSail' | 'isFederated'>> = {},
  parent?: KubernetesObject,
) {
  const membership = {parent} as InstallFacts['membership']
  return {
    controlPlanes: [],
    proved: new Set<string>(),
    tags: new Map<string, string>(),
    hasSail: false,
    isFederated: false,
    ...other,
    membership,
  }
}
