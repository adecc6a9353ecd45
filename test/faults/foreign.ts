import type {Ground} from '../support/ground/ground.ts'
import type {AnyObject, Api} from '../support/servers/api.ts'
import {partOfLabel} from './members.ts'
import type {Objects} from './state.ts'

const rbac = 'rbac.authorization.k8s.io'
const istio = 'networking.istio.io/v1'

/** What objects of others look like in a namespace. Some carry our labels. */
function namespaced(namespace: string, labels: Record<string, string>): AnyObject[] {
  const object = (apiVersion: string, kind: string, rest: object = {}): AnyObject => ({
    apiVersion,
    kind,
    metadata: {name: `theirs-${kind.toLowerCase()}`, namespace, labels},
    ...rest,
  })
  return [
    object('v1', 'ConfigMap', {data: {theirs: 'yes'}}),
    object('v1', 'Secret', {stringData: {theirs: 'yes'}}),
    object('v1', 'ServiceAccount'),
    object('v1', 'Service', {spec: {ports: [{port: 80}], selector: {app: 'theirs'}}}),
    object(`${rbac}/v1`, 'Role', {rules: []}),
    object(`${rbac}/v1`, 'RoleBinding', {roleRef: {apiGroup: rbac, kind: 'Role', name: 'theirs-role'}}),
    object(istio, 'ServiceEntry', {spec: {hosts: [`${namespace}.theirs.test`], ports: [{number: 80, name: 'http'}]}}),
    object(istio, 'DestinationRule', {spec: {host: `${namespace}.theirs.test`}}),
    object(istio, 'WorkloadEntry', {spec: {address: '192.0.2.77'}}),
    object(istio, 'Gateway', {
      spec: {selector: {app: 'theirs'}, servers: [{hosts: ['*'], port: {number: 80, name: 'http', protocol: 'HTTP'}}]},
    }),
  ]
}

function clusterWide(namespace: string, labels: Record<string, string>): AnyObject[] {
  const metadata = {name: `theirs-${namespace}`, labels}
  return [
    {apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata, rules: []},
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: {apiGroup: rbac, kind: 'ClusterRole', name: metadata.name},
    },
    {apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata, webhooks: []},
    {apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata, webhooks: []},
  ]
}

/** A hand-made Secret with which istiod connects to a cluster that is not in the mesh. */
function remoteSecret(namespace: string, cluster: string, labels: Record<string, string>): AnyObject {
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': cluster,
    clusters: [{name: cluster, cluster: {server: `https://${cluster}.test:6443`}}],
    users: [{name: cluster, user: {token: 'theirs'}}],
    contexts: [{name: cluster, context: {cluster, user: cluster}}],
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `istio-remote-secret-${cluster}`,
      namespace,
      labels: {'istio/multiCluster': 'true', ...labels},
      annotations: {'networking.istio.io/cluster': cluster},
    },
    stringData: {[cluster]: JSON.stringify(kubeconfig)},
  }
}

/**
 * Creates objects of others in each cluster. All but one carry copied labels.
 *
 * @param namespaces namespaces of the objects
 * @param ids ids of ApplySets, whose label is copied
 * @param remotes names of clusters with a remote Secret. All but the first carry a copied label.
 */
export async function plantForeign(
  ground: Ground,
  namespaces: readonly string[],
  ids: readonly string[],
  remotes: readonly string[],
): Promise<void> {
  const labelled = ids.map(id => ({'app.kubernetes.io/managed-by': 'kubectl-mesh', [partOfLabel]: id}))
  const objects = [
    ...namespaces.flatMap((namespace, at) => namespaced(namespace, labelled[at % labelled.length]!)),
    ...labelled.flatMap((labels, at) => clusterWide(`${at}-${ground.namespace}`, labels)),
    ...remotes.map((cluster, at) => remoteSecret(ground.namespace, cluster, at === 0 ? {} : labelled[0]!)),
  ]
  await Promise.all(ground.clusters.map(({api}) => createAll(api, objects)))
}

async function createAll(api: Api, objects: readonly AnyObject[]): Promise<void> {
  await Promise.all(objects.map(object => api.create(object)))
}

/** Describes changes of objects of others: they must be identical, with their UIDs and versions. */
export function foreignProblems(before: Objects, after: Objects, keys: ReadonlySet<string>): string[] {
  return [...keys].flatMap(key => {
    if (after[key] === undefined) return [`${key}, which others own, was removed`]
    return JSON.stringify(after[key]) === JSON.stringify(before[key]) ? [] : [`${key}, which others own, was changed`]
  })
}
