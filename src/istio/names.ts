import {createHash} from 'node:crypto'

/** The field's own names, so that istioctl, Kiali and existing docs recognise what we make. */
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

/** Name of the Secret with the credential for one cluster (istioctl's `create-remote-secret`). */
export function remoteSecretName(cluster: string): string {
  return shortened(`istio-remote-secret-${cluster}`)
}

/** Name of the reader's token Secret that only `peer` holds, so that it can be revoked alone. */
export function peerTokenName(peer: string): string {
  return shortened(`istio-remote-token-${peer}`)
}

/** The same for tokens that end; another name, since the type of a Secret can't be changed. */
export function peerBoundTokenName(peer: string): string {
  return shortened(`istio-remote-bound-token-${peer}`)
}

/** Name of the reader's token Secret that all peers share (istioctl's name). */
export const sharedTokenName = `${names.readerAccount}-istio-remote-secret-token`

/** The same for tokens that end. */
export const sharedBoundTokenName = `${names.readerAccount}-bound-token`

/** Whether a Secret of this name holds a token that all peers share. */
export function isSharedToken(name: string): boolean {
  return name === sharedTokenName || name === sharedBoundTokenName
}

/** Name of the reader's ClusterRole and its binding (istioctl's `create-remote-secret`). */
export function readerRoleName(systemNamespace: string): string {
  return `istio-reader-clusterrole-${systemNamespace}`
}

/** Name of a control-plane object: `istiod` or `istiod-<revision>`. */
export function revisioned(name: string, revision: string | undefined): string {
  return revision && revision !== 'default' ? `${name}-${revision}` : name
}

/** A name of at most 253 characters; what is longer keeps a hash, so that two long names never meet. */
function shortened(name: string): string {
  if (name.length <= 253) return name
  return `${name.slice(0, 244)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}
