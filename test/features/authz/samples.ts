import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {ResolvedTarget} from '../../../src/features/authz/istio-target.ts'
import type {AuthzFacts} from '../../../src/features/authz/read.ts'
import {authzAttachFields, type CompleteAuthz, validateAuthzAttach} from '../../../src/features/authz/spec.ts'
import {type RawSpec, readSpec} from '../../../src/spec/read.ts'
import {object} from '../federate/samples-mesh.ts'

/** Input of `mesh authz attach`. */
export type RawAttach = RawSpec<typeof authzAttachFields>

/** An authorizer `ext` for workload `web` of namespace `shop`. */
export function attach(raw: RawAttach = {}): CompleteAuthz {
  const defaults = {name: 'ext', service: 'ext.authz.svc:9000', to: 'workload/web', namespace: 'shop'}
  return readSpec(authzAttachFields, {...defaults, ...raw}, validateAuthzAttach) as CompleteAuthz
}

/** Full host of the authorizer. */
export const host = 'ext.authz.svc.cluster.local'

/** The workload `web`. */
export const webTarget: ResolvedTarget = {namespace: 'shop', labels: {app: 'web'}, isGateway: false}

/** The Service of the authorizer. */
export const extService = object('Service', 'authz/ext', {
  spec: {selector: {app: 'ext'}, ports: [{name: 'grpc', port: 9000}]},
})

/** An AuthorizationPolicy with action CUSTOM, by `namespace/name`. */
export function policy(name: string, provider: string, spec: object = {}): KubernetesObject {
  return {
    ...object('AuthorizationPolicy', name, {
      spec: {action: 'CUSTOM', provider: {name: provider}, rules: [{}], ...spec},
    }),
    apiVersion: 'security.istio.io/v1',
  }
}

/** The spec of a pod with a sidecar. */
export const withProxy = {containers: [{name: 'app'}, {name: 'istio-proxy'}]}

/** A pod of workload `web`. */
export const webPod = object('Pod', 'shop/web-1', {metadata: {labels: {app: 'web'}}, spec: withProxy})

const extPod = object('Pod', 'authz/ext-1', {
  metadata: {labels: {app: 'ext', 'security.istio.io/tlsMode': 'istio'}},
  spec: withProxy,
})

/** A cluster in which the authorizer and the workload run, without findings. */
export const healthy = {
  services: [extService],
  slices: [
    object('EndpointSlice', 'authz/ext-1', {
      metadata: {labels: {'kubernetes.io/service-name': 'ext'}},
      endpoints: [{addresses: ['1'], conditions: {ready: true}}],
    }),
  ],
  pods: [extPod, webPod],
  namespaces: [object('Namespace', 'authz'), object('Namespace', 'shop')],
} satisfies Partial<AuthzFacts>
