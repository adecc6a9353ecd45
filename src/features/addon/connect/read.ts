import {readTrustedMembership} from '../../../control-plane/trusted-membership.ts'
import type {Right} from '../../../engine/kubernetes/access-rules.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {type MeshError, refusedError, usageError} from '../../../errors.ts'
import {kialiSecretName} from '../../../istio/names.ts'
import {forEachContext, forEachPlace} from '../../../mesh/contexts/for-each.ts'
import {serverAuthority} from '../../../mesh/credentials/read-authority.ts'
import {asKialiMember, connectedNamespaces, type KialiMember, readKiali} from '../../../mesh/kiali/read.ts'
import {resolveMember} from '../../../mesh/members.ts'
import {readFederationFacts} from '../../../mesh/read.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'
import {credentialsIn} from '../../../mesh/remote-secrets.ts'
import {connect, type Run} from '../../../run/run.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {kialiConfigKey} from '../istio-kiali.ts'
import {addonApplySet} from '../objects.ts'
import {namespaceInRecord} from '../read.ts'
import type {AddonDisconnect} from './spec.ts'

/** Kiali, and the clusters that it reads. */
export interface Connection {
  home: KialiMember
  /** Its Deployment. */
  deployment: KubernetesObject
  targets: readonly KialiMember[]
  /** URLs for Kiali by context, that the user has set now or before: in Secrets of kubectl-mesh. */
  servers: Readonly<Record<string, string>>
}

/**
 * Reads all clusters in parallel, and finds Kiali.
 *
 * @param servers URLs of API servers for Kiali, by context
 * @throws MeshError that lists all contexts that cannot be used (exit 2), or all clusters that cannot be read (exit 3); (exit 3)
 *   if Kiali is not in exactly one of them
 */
export async function readConnection(
  spec: AddonDisconnect,
  servers: Readonly<Record<string, string>>,
  rights: readonly Right[],
  run: Run,
): Promise<Connection> {
  // Nothing is read before all contexts are known to exist.
  const clusters = await forEachContext(spec.contexts, context => connect(run.access, context, rights))
  const read = await forEachPlace(clusters, async (cluster): Promise<PossibleHome> => {
    const {context} = cluster
    const [facts, kiali, addon] = await Promise.all([
      readFederationFacts(cluster, spec),
      readKiali(cluster, spec, {trustLabels: run.write.trustLabels}),
      readTrustedMembership(cluster, addonApplySet('kiali', spec), {onlyListed: true}),
    ])
    const namespaces = trustedNamespaces(spec, kiali, addon.parent)
    return {member: resolveMember({...spec, server: servers}, context, facts), kiali, namespaces}
  })
  return connectionOf(spec, servers, read)
}

/** A cluster in which Kiali may run. */
interface PossibleHome extends KialiMember {
  /** Namespaces that only mesh administrators can have chosen for Kiali. */
  namespaces: ReadonlySet<string>
}

/**
 * The system namespace, that of `mesh addon install`, and those of earlier connections.
 *
 * Threat: an administrator of some namespace creates a Deployment there that looks like Kiali, to get the credentials for all
 * clusters.
 */
function trustedNamespaces(
  {systemNamespace}: AddonDisconnect,
  {membership}: KialiMember['kiali'],
  record: KubernetesObject | undefined,
): Set<string> {
  return new Set([systemNamespace, namespaceInRecord(record) ?? systemNamespace, ...connectedNamespaces(membership)])
}

function connectionOf(
  spec: AddonDisconnect,
  servers: Readonly<Record<string, string>>,
  members: readonly PossibleHome[],
): Connection {
  const all = members
    .filter(({member}) => spec.kialiContext === undefined || member.context === spec.kialiContext)
    .flatMap(home => home.kiali.deployments.map(deployment => ({home, deployment})))
  const found = all.filter(({home, deployment: {metadata}}) =>
    spec.namespace === undefined ? home.namespaces.has(metadata.namespace!) : metadata.namespace === spec.namespace,
  )
  if (found.length === 0) throw notFound(spec, spec.namespace === undefined ? all : [])
  if (found.length > 1)
    throw usageError(
      `Kiali runs in several places: ${found.map(({home, deployment}) => `${home.member.context}, namespace ${deployment.metadata.namespace}`).join('; ')}`,
      'choose one with --kiali-context and -n',
    )
  const {home, deployment} = found[0]!
  const targets = members.filter(one => one !== home)
  const kept = targets.flatMap(({member}) => {
    const server = keptServer(member, home)
    return server === undefined ? [] : [[member.context, server] as const]
  })
  const urls = {...Object.fromEntries(kept), ...servers}
  return {home, deployment, targets: targets.map(one => withServer(one, urls)), servers: urls}
}

/** @param others Deployments that look like Kiali in namespaces that nothing proves */
function notFound(
  {namespace, kialiContext, contexts}: AddonDisconnect,
  others: readonly {home: PossibleHome; deployment: KubernetesObject}[],
): MeshError {
  const [first] = others
  if (!first)
    return refusedError(
      `no Kiali found in ${kialiContext ?? contexts.join(', ')}${namespace === undefined ? '' : `, namespace ${namespace}`}`,
      'kubectl mesh addon install kiali --from ./istio-1.31.0',
    )
  const place = first.deployment.metadata.namespace!
  return refusedError(
    `${first.home.member.cluster}: kubectl-mesh did not install the Kiali in namespace ${place}, whose administrators would get the credentials`,
    `add -n ${shellWord(place)} if this is the Kiali that should read the other clusters`,
  )
}

/**
 * A URL that the user has not set is that of Kiali's Secret, or of istiod's remote Secret, which works from the cluster of Kiali. Only
 * Secrets of kubectl-mesh count: the URL receives a token.
 */
function keptServer({cluster}: KialiMember['member'], {member: home, kiali}: KialiMember): string | undefined {
  const own = kiali.membership.objects.find(({metadata}) => metadata.name === kialiSecretName(cluster))
  const data = (own?.data as Record<string, string> | undefined)?.[cluster]
  const kubeconfigs = [
    ...(data === undefined ? [] : [Buffer.from(data, 'base64').toString('utf8')]),
    ...credentialsIn(home.facts!)
      .filter(({ours, target}) => ours && target === cluster)
      .map(({kubeconfig}) => kubeconfig),
  ]
  return kubeconfigs.map(text => accessIn(text)?.server).find(url => url !== undefined)
}

function withServer({member, kiali}: KialiMember, servers: Readonly<Record<string, string>>): KialiMember {
  const server = servers[member.context]
  return server === undefined ? {member, kiali} : {member: {...member, server}, kiali}
}

/** What the checks need beside the clusters. */
export interface KialiEnvironment {
  /** Text of Kiali's configuration. */
  config: string
  /** Objects of the Prometheus in the namespace of Kiali: its ConfigMap and its Deployment. */
  prometheus: readonly KubernetesObject[]
  /** Why the certificate of an API server cannot be verified, by cluster. */
  certificates: ReadonlyMap<string, string>
}

/** Reads what the checks need, in parallel. */
export async function readEnvironment({home, deployment, targets}: Connection): Promise<KialiEnvironment> {
  const {cluster} = home.member.facts!
  const {namespace = '', name} = deployment.metadata
  const named = (apiVersion: string, kind: string, other: string) =>
    cluster.get({apiVersion, kind, namespace, name: other})
  const [map, prometheusMap, prometheus, certificates] = await Promise.all([
    named('v1', 'ConfigMap', name),
    named('v1', 'ConfigMap', 'prometheus'),
    named('apps/v1', 'Deployment', 'prometheus'),
    Promise.all(targets.map(certificateProblem)),
  ])
  return {
    config: (map?.data as Record<string, string> | undefined)?.[kialiConfigKey] ?? '',
    prometheus: [prometheusMap, prometheus].filter(object => object !== undefined),
    certificates: new Map(certificates.flatMap(([one, problem]) => (problem === undefined ? [] : [[one, problem]]))),
  }
}

async function certificateProblem(target: KialiMember): Promise<[string, string | undefined]> {
  const {cluster, server, facts} = asKialiMember(target)
  if (server === undefined || !facts) return [cluster, undefined]
  return [cluster, (await serverAuthority({server, facts}, undefined)).problem]
}
