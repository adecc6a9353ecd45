import {type Right, rightsFor} from '../../engine/kubernetes/access-rules.ts'
import type {IngressDeploy} from './spec-deploy.ts'

/** The permissions that `mesh ingress deploy` needs after it has read its records. */
export function ingressRights({
  namespace,
  systemNamespace,
}: Pick<IngressDeploy, 'namespace' | 'systemNamespace'>): Right[] {
  const rbac = ['roles', 'rolebindings'].map(kind => `${kind}.rbac.authorization.k8s.io`)
  const created = [
    'configmaps',
    'services',
    'serviceaccounts',
    'deployments.apps',
    'poddisruptionbudgets.policy',
    ...rbac,
  ]
  return [
    ...rightsFor(['get'], ['namespaces']),
    ...rightsFor(['list'], ['mutatingwebhookconfigurations.admissionregistration.k8s.io', 'nodes', 'pods', 'services']),
    ...rightsFor(['list'], ['deployments.apps'], systemNamespace),
    ...rightsFor(['get'], ['configmaps'], systemNamespace),
    ...rightsFor(['get', 'create', 'patch'], created, namespace),
    ...rightsFor(['get'], ['daemonsets.apps'], namespace),
  ]
}
