import {missingRights, type Right} from '../../../engine/kubernetes/access-rules.ts'
import type {Federation} from '../spec.ts'
import type {FederationCheck} from './subject.ts'

const rights: FederationCheck = {
  id: 'rights',
  about: 'the current user has the required permissions',
  beforeWrite: true,
  run: ({denied}) =>
    [...denied].flatMap(([cluster, missing]) => missingRights(missing).map(problem => ({cluster, ...problem}))),
}

/** Checks of the current user's permissions. */
export const rightChecks: readonly FederationCheck[] = [rights]

/** A resource and the condition under which a federation writes it. */
interface WrittenResource {
  group: string
  resource: string
  /** Undefined: always. */
  isWritten?: boolean
}

/** A server-side apply that creates an object needs both verbs (Kubernetes documentation, server-side apply, 1.36). */
const applyVerbs = ['create', 'patch']

/**
 * Returns the permissions that `mesh federate` needs in a cluster, so that a missing one is reported before the first
 * write.
 *
 * @param isRenderedRemote this run renders the cluster as a remote. No dry run tries those objects before they are written.
 */
export function federationRights(
  spec: Pick<Federation, 'systemNamespace' | 'mode' | 'dns' | 'caDir' | 'credentialDuration'> &
    Partial<Pick<Federation, 'dataPlane'>>,
  isRenderedRemote = false,
): Right[] {
  const {systemNamespace: namespace, mode, dns, caDir} = spec
  const hasCredentials = mode !== 'gateways'
  const isRemoteMode = mode === 'primary-remote'
  const inNamespace: WrittenResource[] = [
    {group: '', resource: 'configmaps'},
    {group: '', resource: 'secrets', isWritten: hasCredentials || caDir !== undefined},
    {group: '', resource: 'serviceaccounts'},
    {group: '', resource: 'services'},
    {group: 'apps', resource: 'deployments'},
    {group: 'policy', resource: 'poddisruptionbudgets'},
    {group: 'rbac.authorization.k8s.io', resource: 'roles'},
    {group: 'rbac.authorization.k8s.io', resource: 'rolebindings'},
    {group: 'networking.istio.io', resource: 'gateways'},
    {group: 'gateway.networking.k8s.io', resource: 'gateways', isWritten: (spec.dataPlane ?? 'sidecar') !== 'sidecar'},
    {group: 'discovery.k8s.io', resource: 'endpointslices', isWritten: isRenderedRemote},
    {group: 'networking.istio.io', resource: 'virtualservices', isWritten: isRemoteMode},
  ]
  const inCluster: WrittenResource[] = [
    {group: '', resource: 'namespaces'},
    {
      group: 'admissionregistration.k8s.io',
      resource: 'mutatingwebhookconfigurations',
      isWritten: isRenderedRemote,
    },
    {group: 'rbac.authorization.k8s.io', resource: 'clusterroles', isWritten: hasCredentials},
    {group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings', isWritten: hasCredentials},
  ]
  const tokens = {verb: 'create', group: '', resource: 'serviceaccounts/token', namespace}
  const dnsEdit =
    dns === 'openshift'
      ? {verb: 'patch', group: 'operator.openshift.io', resource: 'dnses'}
      : {verb: 'patch', group: '', resource: 'configmaps', namespace: 'kube-system'}
  return [
    ...(spec.credentialDuration === undefined ? [] : [tokens]),
    ...(dns === 'istio' ? [] : [dnsEdit]),
    ...applyVerbs.flatMap(verb => [
      ...inCluster.filter(isNeeded).map(({group, resource}) => ({verb, group, resource})),
      ...inNamespace.filter(isNeeded).map(({group, resource}) => ({verb, group, resource, namespace})),
    ]),
  ]
}

function isNeeded({isWritten = true}: WrittenResource): boolean {
  return isWritten
}
