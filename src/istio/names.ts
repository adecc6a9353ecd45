import {createHash} from 'node:crypto'

/** The object names that istioctl and Istio's documentation use, so that existing tools recognise the objects. */
export const names = {
  caSecret: 'cacerts',
  gateway: 'istio-eastwestgateway',
  gatewayAccount: 'istio-eastwestgateway-service-account',
  gatewaySecretsRole: 'istio-eastwestgateway-sds',
  crossNetworkGateway: 'cross-network-gateway',
  readerAccount: 'istio-reader-service-account',
  bundledSecret: 'istio-remote-secrets',
  istiodGateway: 'istiod-gateway',
} as const

/** Name of the ConfigMap that records a tenant in its system namespace. It is the parent of the tenant's ApplySet. */
export const tenantRecord = 'kubectl-mesh-tenant'

/** Returns the name of the remote Secret for a cluster (`istioctl create-remote-secret`). */
export function remoteSecretName(cluster: string): string {
  return shortened(`istio-remote-secret-${cluster}`)
}

/**
 * The number in the name of a token Secret, '' for the first. A rotation creates the new Secret beside the old one, under the next
 * number. No name is used again: the token of a Secret of type service-account-token depends only on the account and on the name of
 * the Secret, so a new Secret with the name of a deleted one has the same token (Kubernetes 1.36, legacy service account tokens). No
 * name with one number is a name with another one, whatever the peer is called.
 */
export type TokenSlot = '' | `${number}`

/** What reads a cluster from another one, each with its own account. */
export type Reader = 'istiod' | 'kiali'

/** How the names of the token Secrets of a reader begin. */
const tokenPrefixes: Readonly<Record<Reader, string>> = {istiod: 'istio-remote', kiali: 'kiali-remote'}

/** The account of each reader; that of Kiali has the name that its own script uses (kiali-prepare-remote-cluster.sh, 2.27). */
export const readerAccounts: Readonly<Record<Reader, string>> = {
  istiod: names.readerAccount,
  kiali: 'kiali-remote-access',
}

/** Returns the name of the token Secret that only one peer uses, so that its access can be revoked separately. */
export function peerTokenName(peer: string, slot: TokenSlot = '', reader: Reader = 'istiod'): string {
  return shortened(`${tokenPrefixes[reader]}-token${slot}-${peer}`)
}

/** Returns the name of the Secret with which Kiali reads a cluster (kiali-prepare-remote-cluster.sh, 2.27). */
export function kialiSecretName(cluster: string): string {
  return shortened(`kiali-remote-cluster-secret-${cluster}`)
}

/**
 * Returns the name of the Secret to which a peer's short-lived tokens are bound. It differs from `peerTokenName` because
 * the type of a Secret is immutable.
 */
export function peerBoundTokenName(peer: string, slot: TokenSlot = '', reader: Reader = 'istiod'): string {
  return shortened(`${tokenPrefixes[reader]}-bound-token${slot}-${peer}`)
}

/** The Secret in which a cluster records a rotation of the credentials that it holds. */
export const rotationRecord = 'kubectl-mesh-rotation'

/** The token Secret of the reader account that all peers share (`istioctl create-remote-secret`). */
export const sharedTokenName = `${names.readerAccount}-istio-remote-secret-token`

/** The Secret to which the short-lived tokens that all peers share are bound. */
export const sharedBoundTokenName = `${names.readerAccount}-bound-token`

const tokenNames = [
  new RegExp(`^${tokenPrefixes.istiod}-(?:bound-)?token(\\d*)-`),
  new RegExp(`^(?:${sharedTokenName}|${sharedBoundTokenName})(\\d*)$`),
]

/** Returns the number in the name of a token Secret of the reader account, 1 for the first; undefined for other names. */
export function tokenNumberIn(name: string): number | undefined {
  const slot = tokenNames.map(pattern => pattern.exec(name)?.[1]).find(found => found !== undefined)
  return slot === undefined ? undefined : Number(slot || '1')
}

/** Returns whether a Secret with this name belongs to a token that all peers share. */
export function isSharedToken(name: string): boolean {
  const first = name.replace(/\d+$/, '')
  return first === sharedTokenName || first === sharedBoundTokenName
}

/** Returns the name of the reader's ClusterRole and ClusterRoleBinding (`istioctl create-remote-secret`). */
export function readerRoleName(systemNamespace: string): string {
  return `istio-reader-clusterrole-${systemNamespace}`
}

/** Returns the name of a control-plane object for a revision: `istiod`, or `istiod-<revision>`. */
export function revisioned(name: string, revision: string | undefined): string {
  return revision && revision !== 'default' ? `${name}-${revision}` : name
}

/** Shortens a name to the 253 characters that Kubernetes accepts. A hash keeps shortened names distinct. */
function shortened(name: string): string {
  if (name.length <= 253) return name
  return `${name.slice(0, 244)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}
