import type {KubernetesObject} from '../engine/kubernetes/object.ts'

/** True for an object that is ready, or the reason why it is not. */
export type Readiness = true | string

interface DeploymentStatus {
  observedGeneration?: number
  availableReplicas?: number
  updatedReplicas?: number
}

/** Returns whether the current generation of a Deployment is available, as in `kubectl rollout status`. */
export function isAvailable(deployment: KubernetesObject | undefined): Readiness {
  if (!deployment) return 'it does not exist yet'
  const {
    observedGeneration = 0,
    availableReplicas = 0,
    updatedReplicas = 0,
  } = (deployment.status ?? {}) as DeploymentStatus
  const wanted = (deployment.spec as {replicas?: number} | undefined)?.replicas ?? 1
  if (observedGeneration < (deployment.metadata.generation ?? 0))
    return 'its controller has not observed the change yet'
  const current = Math.min(availableReplicas, updatedReplicas)
  return current >= wanted || `${current} of ${wanted} pods are available`
}

/** Returns whether an `Istio` resource has the condition `Ready` (sailoperator.io/v1). */
export function isReady(istio: KubernetesObject | undefined): Readiness {
  const {conditions = []} = (istio?.status ?? {}) as {conditions?: {type: string; status: string; message?: string}[]}
  const ready = conditions.find(({type}) => type === 'Ready')
  if (ready?.status === 'True') return true
  return ready?.message ?? 'the Sail operator has not reported its status yet'
}
