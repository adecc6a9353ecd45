import type {Right} from '../../../engine/cluster/rights.ts'
import type {Federation} from '../spec.ts'

/**
 * What `mesh federate` writes in a cluster, so that a missing right is told before the first write. What is written in a
 * remote's last stage no dry run tries before: its webhook, and where that leads.
 */
export function federationRights(
  spec: Pick<Federation, 'systemNamespace' | 'mode' | 'dns' | 'caDir' | 'credentialDuration'>,
  isRenderedRemote = false,
): Right[] {
  const {systemNamespace, mode, dns, caDir} = spec
  const credentials = mode !== 'gateways'
  const inNamespace: [string, string][] = [
    ['', 'configmaps'],
    ...(credentials || caDir !== undefined ? ([['', 'secrets']] satisfies [string, string][]) : []),
    ['', 'serviceaccounts'],
    ['', 'services'],
    ['apps', 'deployments'],
    ['policy', 'poddisruptionbudgets'],
    ['rbac.authorization.k8s.io', 'roles'],
    ['rbac.authorization.k8s.io', 'rolebindings'],
    ['networking.istio.io', 'gateways'],
    ...(isRenderedRemote ? ([['discovery.k8s.io', 'endpointslices']] satisfies [string, string][]) : []),
    ...(mode === 'primary-remote' ? ([['networking.istio.io', 'virtualservices']] satisfies [string, string][]) : []),
  ]
  const inCluster: [string, string][] = [
    ['', 'namespaces'],
    ...(isRenderedRemote
      ? ([['admissionregistration.k8s.io', 'mutatingwebhookconfigurations']] satisfies [string, string][])
      : []),
    ...(credentials
      ? ([
          ['rbac.authorization.k8s.io', 'clusterroles'],
          ['rbac.authorization.k8s.io', 'clusterrolebindings'],
        ] satisfies [string, string][])
      : []),
  ]
  // a server-side apply that makes an object needs both (Kubernetes, server-side apply, "authorization")
  const verbs = ['create', 'patch']
  const dnsEdit = {verb: 'patch', group: '', resource: 'configmaps', namespace: 'kube-system'}
  const tokens = {verb: 'create', group: '', resource: 'serviceaccounts/token', namespace: systemNamespace}
  return [
    ...(spec.credentialDuration === undefined ? [] : [tokens]),
    ...(dns === 'istio' ? [] : [dnsEdit]),
    ...verbs.flatMap(verb => [
      ...inCluster.map(([group, resource]) => ({verb, group, resource})),
      ...inNamespace.map(([group, resource]) => ({verb, group, resource, namespace: systemNamespace})),
    ]),
  ]
}
