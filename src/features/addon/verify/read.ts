import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError} from '../../../engine/cluster/errors.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {type KialiFacts, readKiali} from '../../../mesh/kiali/read.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'

/** What one credential of Kiali gives access to. */
export interface KialiCredential {
  /** Name of the cluster: the key in the Secret. */
  target: string
  secret: KubernetesObject
  /** The text has one cluster and one user with a token. Otherwise Kiali does not load it. */
  isComplete: boolean
  /** How the API server of the cluster answered to the token; undefined if no such cluster was read. */
  answer: 'reads' | 'rejected' | 'denied' | undefined
}

/** One Kiali. */
export interface KialiView {
  cluster: string
  deployment: KubernetesObject
  credentials: readonly KialiCredential[]
}

/** All Kialis of a mesh, and the clusters that they should read. */
export interface KialiSubject {
  kialis: readonly KialiView[]
  /** Names of the clusters of the mesh. */
  members: readonly string[]
}

/**
 * Reads all Kialis of a mesh, and asks API servers what the tokens of Kiali may read.
 *
 * @throws ApiError, UnreachableError; MeshError (exit 3) for an invalid record
 */
export async function readKialiSubject(all: readonly MeshMember[], systemNamespace: string): Promise<KialiSubject> {
  const members = all.filter(({facts}) => facts)
  const views = await Promise.all(
    members.map(async member => {
      const kiali = await readKiali(member.facts!.cluster, {systemNamespace})
      return Promise.all(kiali.deployments.map(deployment => viewOf(member, deployment, kiali, members)))
    }),
  )
  return {kialis: views.flat(), members: all.map(({cluster}) => cluster)}
}

async function viewOf(
  {cluster}: MeshMember,
  deployment: KubernetesObject,
  {secrets}: KialiFacts,
  members: readonly MeshMember[],
): Promise<KialiView> {
  const own = secrets.filter(({metadata}) => metadata.namespace === deployment.metadata.namespace)
  const entries = own.flatMap(secret =>
    Object.entries((secret.data ?? {}) as Record<string, string>).map(([target, data]) => ({secret, target, data})),
  )
  const credentials = entries.map(async ({secret, target, data}): Promise<KialiCredential> => {
    const access = accessIn(Buffer.from(data, 'base64').toString('utf8'))
    const {token, server} = access ?? {}
    const member = members.find(one => one.cluster === target)
    const answer = token === undefined || !member ? undefined : await answerTo(member.facts!.cluster, token)
    return {target, secret, isComplete: token !== undefined && server !== undefined, answer}
  })
  return {cluster, deployment, credentials: await Promise.all(credentials)}
}

/** The lists that Kiali needs first. */
const probes = [
  '/api/v1/namespaces?limit=1',
  '/api/v1/pods?limit=1',
  '/apis/networking.istio.io/v1/virtualservices?limit=1',
]

/**
 * Threat: whoever administers the namespace of Kiali chooses the address in its kubeconfig. The token is sent to the API server of the
 * cluster instead, by the address that the user has configured.
 */
async function answerTo(cluster: Cluster, token: string): Promise<KialiCredential['answer']> {
  const connection = cluster.withToken(token)
  try {
    for (const path of probes) await connection.read(path)
    return 'reads'
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 401) return 'rejected'
    if (error.status === 403) return 'denied'
    if (error.status === 404) return 'reads'
    throw error
  } finally {
    connection.close()
  }
}
