import type {KubernetesObject} from './object.ts'

/** Status fields of Deployments and DaemonSets (apps/v1). */
interface Status {
  observedGeneration?: number
  availableReplicas?: number
  updatedReplicas?: number
  desiredNumberScheduled?: number
  numberAvailable?: number
  updatedNumberScheduled?: number
  conditions?: {type: string; status: string; message?: string}[]
}

/** Pods of a Deployment or DaemonSet. */
export interface PodCounts {
  desired: number
  available: number
  /** Pods of the current template. */
  updated: number
}

/** Returns true if every desired pod is up to date and available, else the reason why not. */
export function workloadState(workload: KubernetesObject | undefined): true | string {
  if (!workload) return 'does not exist yet'
  const {observedGeneration = 0} = (workload.status ?? {}) as Status
  if (observedGeneration < (workload.metadata.generation ?? 0)) return 'the controller has not processed the change yet'
  const {desired, available, updated} = podCountsOf(workload)
  if (available < desired || updated < desired)
    return `${Math.min(available, updated)} of ${desired} pods are available${refusalOf(workload)}`
  return desired === 0 ? 'no pods are desired on any node' : true
}

/** Why the API server refuses to create the pods, such as a policy of the namespace. */
function refusalOf({status}: KubernetesObject): string {
  const {conditions = []} = (status ?? {}) as Status
  const failure = conditions.find(condition => condition.type === 'ReplicaFailure' && condition.status === 'True')
  return failure?.message === undefined ? '' : `: ${failure.message}`
}

/** Counts the pods of a Deployment or DaemonSet, as its status reports them. */
export function podCountsOf({kind, spec, status}: KubernetesObject): PodCounts {
  const {
    desiredNumberScheduled = 0,
    numberAvailable = 0,
    updatedNumberScheduled = 0,
    availableReplicas = 0,
    updatedReplicas = 0,
  } = (status ?? {}) as Status
  if (kind === 'DaemonSet')
    return {desired: desiredNumberScheduled, available: numberAvailable, updated: updatedNumberScheduled}
  const {replicas = 1} = (spec ?? {}) as {replicas?: number}
  return {desired: replicas, available: availableReplicas, updated: updatedReplicas}
}
