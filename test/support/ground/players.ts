import {repeat} from '../repeat.ts'
import type {AnyObject, Api} from '../servers/api.ts'

/** Assigns an address to LoadBalancer Services of a namespace, like a cloud controller. Returns a function that stops it. */
export function playBalancer(api: Api, namespace: string, ip: string): () => void {
  const path = `/api/v1/namespaces/${namespace}/services`
  const assign = async () => {
    const list = await api.get<{items?: (AnyObject & {spec: {type: string}; status?: {loadBalancer?: object}})[]}>(path)
    for (const {spec, status, metadata} of list?.items ?? [])
      if (spec.type === 'LoadBalancer' && !JSON.stringify(status).includes('"ip"')) {
        const object = {apiVersion: 'v1', kind: 'Service', metadata: {name: metadata.name, namespace}}
        await api.apply({...object, status: {loadBalancer: {ingress: [{ip}]}}}, 'status')
      }
  }
  return repeat(assign)
}

/** Reports the pods of east-west gateways as available, like a controller and a kubelet. Returns a function that stops it. */
export function playGatewayPods(api: Api, namespace: string): () => void {
  type Deployment = AnyObject & {metadata: {generation: number}; spec: {replicas?: number}; status?: DeploymentStatus}
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments?labelSelector=istio%3Deastwestgateway`
  const report = async () => {
    const list = await api.get<{items?: Deployment[]}>(path)
    for (const {metadata, spec, status: live} of list?.items ?? []) {
      if (live?.observedGeneration === metadata.generation) continue
      const {replicas = 1} = spec
      const counts = {replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas}
      const status = {observedGeneration: metadata.generation, ...counts}
      const object = {apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: metadata.name, namespace}}
      await api.apply({...object, status}, 'status')
    }
  }
  return repeat(report)
}

interface DeploymentStatus {
  observedGeneration?: number
}

/** Reports an istiod as available as soon as its Deployment exists, like a kubelet. Returns a function that stops it. */
export function playIstiodPods(api: Api, namespace: string, name: string): () => void {
  return repeat(async () => {
    const found = await api.get<AnyObject & {metadata: {generation: number}}>(
      `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
    )
    if (!found) return
    const counts = {replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1}
    const status = {observedGeneration: found.metadata.generation, ...counts}
    const {apiVersion, kind} = {apiVersion: 'apps/v1', kind: 'Deployment'}
    await api.apply({apiVersion, kind, metadata: {name, namespace}, status}, 'status')
  })
}
