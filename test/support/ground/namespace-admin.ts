import {type Api, openApi} from '../servers/api.ts'
import {untilAllowed} from './allowed.ts'
import type {GroundCluster} from './ground.ts'

/**
 * Connects as a new user who may do everything in one namespace, and nothing elsewhere. Creates the namespace if it does not
 * exist. The caller closes the connection.
 */
export async function namespaceAdmin(
  {api, direct}: Pick<GroundCluster, 'api' | 'direct'>,
  namespace: string,
): Promise<Api> {
  const name = `admin-of-${namespace}`
  const apiGroup = 'rbac.authorization.k8s.io'
  const rbac = `${apiGroup}/v1`
  await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
  await api.apply({
    apiVersion: rbac,
    kind: 'Role',
    metadata: {name, namespace},
    rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}],
  })
  await api.apply({
    apiVersion: rbac,
    kind: 'RoleBinding',
    metadata: {name, namespace},
    roleRef: {apiGroup, kind: 'Role', name},
    subjects: [{apiGroup, kind: 'User', name}],
  })
  await untilAllowed(api, name, {verb: 'create', resource: 'services', namespace})
  return openApi(direct.kubeconfig, direct.context, name)
}
