import type {KubernetesObject} from './object.ts'

/** Whether a Service is that of the API server itself: `default/kubernetes`, which every cluster has. */
export function isApiService({metadata: {name, namespace}}: KubernetesObject): boolean {
  return name === 'kubernetes' && namespace === 'default'
}
