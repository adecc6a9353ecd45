import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import type {Membership} from '../../../../src/engine/plan/membership.ts'
import type {ControlPlane} from '../../../../src/istio/control-plane.ts'
import type {AmbientFacts} from '../../../../src/mesh/ambient/facts.ts'
import {ambientApplySet, buildAmbientGateway} from '../../../../src/mesh/ambient/objects.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import {controlPlane} from '../../../mesh/samples.ts'

/** Addresses of the gateways of sample clusters. */
export const addresses: Record<string, string> = {east: '203.0.113.31', west: '203.0.113.32'}

/** The gateway of a sample cluster, with its status. */
export function ambientGateway(name: string, more: Partial<KubernetesObject> = {}): KubernetesObject {
  const {object} = buildAmbientGateway({
    ...{cluster: name, network: `net-${name}`, systemNamespace: 'istio-system', revision: undefined},
    annotations: {},
  })
  const conditions = ['Accepted', 'Programmed'].map(type => ({type, status: 'True'}))
  return {...object, status: {conditions, addresses: [{type: 'IPAddress', value: addresses[name]}]}, ...more}
}

/** What earlier runs created, according to a record that lists `objects`. */
export function membershipOf(objects: readonly KubernetesObject[]): Membership {
  const parent = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'kubectl-mesh-ambient'}}
  return {
    ...{parent: objects.length > 0 ? parent : undefined, objects, unrecorded: [], replaced: []},
    ...{set: ambientApplySet({systemNamespace: 'istio-system'}), namespaces: new Map()},
    owns: object => objects.some(one => one.metadata.name === object.metadata.name),
    adopts: () => false,
  }
}

/** Facts of a cluster that is ready for ambient mode, or has joined. */
export function ambientFacts(
  name: string,
  more: Partial<AmbientFacts> = {},
  plane: Partial<ControlPlane> = {},
): Partial<FederationFacts> {
  const gateway = ambientGateway(name)
  return {
    controlPlanes: [
      controlPlane(name, {
        version: '1.31.1',
        ambient: {multiNetwork: true, sharesServices: true, scopes: []},
        ...plane,
      }),
    ],
    ambient: {
      hasGatewayApi: true,
      classes: new Set(['istio-east-west']),
      gateways: [gateway],
      ztunnels: [{name: 'istio-system/ztunnel', network: `net-${name}`, cluster: name, istiod: undefined}],
      injectors: [],
      membership: membershipOf([gateway]),
      ...more,
    },
  }
}
