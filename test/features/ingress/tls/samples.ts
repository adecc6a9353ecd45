import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import type {GatewayWorkload} from '../../../../src/features/ingress/tls/workloads.ts'
import {object} from '../samples.ts'

/** The gateway `edge/istio-ingressgateway`. */
export const workload: GatewayWorkload = {
  kind: 'Deployment',
  name: 'istio-ingressgateway',
  namespace: 'edge',
  labels: {app: 'istio-ingressgateway', istio: 'ingressgateway'},
  revisions: ['default'],
}

/** An Istio Gateway in namespace `apps`. */
export function gateway(name: string, server: object, selector: object = {istio: 'ingressgateway'}): KubernetesObject {
  return object('Gateway', name, {spec: {selector, servers: [server]}}, {namespace: 'apps'})
}

/** A Secret in namespace `edge` with the given texts. */
export function secret(name: string, texts: Record<string, string>): KubernetesObject {
  const data = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
  return object('Secret', name, {data: Object.fromEntries(data)}, {namespace: 'edge'})
}
