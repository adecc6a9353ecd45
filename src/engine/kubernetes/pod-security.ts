import type {KubernetesObject} from './object.ts'

/** On a namespace of OpenShift: the user IDs that its pods may have. Its admission sets one of them. */
const userRangeAnnotation = 'openshift.io/sa.scc.uid-range'

/**
 * Returns a pod that its namespace admits: without the users of its containers if the namespace assigns users. In any other
 * namespace the user stays, because the kubelet cannot prove that the named user of an image is not root.
 *
 * @param namespace of the pod
 */
export function withAssignedUsers(pod: KubernetesObject, namespace: KubernetesObject | undefined): KubernetesObject {
  if (namespace?.metadata.annotations?.[userRangeAnnotation] === undefined) return pod
  const {containers = [], ...rest} = (pod.spec ?? {}) as {containers?: {securityContext?: Record<string, unknown>}[]}
  return {...pod, spec: {...rest, containers: containers.map(withoutUser)}}
}

function withoutUser({securityContext = {}, ...container}: {securityContext?: Record<string, unknown>}) {
  const {runAsUser: _user, ...others} = securityContext
  return {...container, securityContext: others}
}
