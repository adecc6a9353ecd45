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
 * A rotation creates the new token Secret beside the old one, under the other of two names. No name of one slot is a name of
 * the other, whatever the peer is called.
 */
export const tokenSlots = ['', '2'] as const

/** One of the two names of a token Secret. */
export type TokenSlot = (typeof tokenSlots)[number]

/** Returns the name of the token Secret that only one peer uses, so that its access can be revoked separately. */
export function peerTokenName(peer: string, slot: TokenSlot = ''): string {
  return shortened(`istio-remote-token${slot}-${peer}`)
}

/**
 * Returns the name of the Secret to which a peer's short-lived tokens are bound. It differs from `peerTokenName` because
 * the type of a Secret is immutable.
 */
export function peerBoundTokenName(peer: string, slot: TokenSlot = ''): string {
  return shortened(`istio-remote-bound-token${slot}-${peer}`)
}

/** The Secret in which a cluster records a rotation of the credentials that it holds. */
export const rotationRecord = 'kubectl-mesh-rotation'

/** The token Secret of the reader account that all peers share (`istioctl create-remote-secret`). */
export const sharedTokenName = `${names.readerAccount}-istio-remote-secret-token`

/** The Secret to which the short-lived tokens that all peers share are bound. */
export const sharedBoundTokenName = `${names.readerAccount}-bound-token`

/** Returns whether a Secret with this name belongs to a token that all peers share. */
export function isSharedToken(name: string): boolean {
  return tokenSlots.some(slot => name === `${sharedTokenName}${slot}` || name === `${sharedBoundTokenName}${slot}`)
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
