import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {type Pair, pairsAmong} from '../../../../src/features/federate/rotate/pairs.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import type {MeshMember} from '../../../../src/mesh/members.ts'
import {remoteKubeconfig} from '../../../../src/mesh/objects-remote-secret.ts'
import {member, remoteSecret} from '../../../mesh/samples.ts'

/** Settings of per-peer tokens that do not expire. */
export const settings = {
  credentials: 'per-peer',
  credentialDuration: undefined,
  systemNamespace: 'istio-system',
} as const

/** A token Secret that contains a token. */
export function tokenSecret(name: string, token: string): KubernetesObject {
  const data = {token: Buffer.from(token).toString('base64')}
  return {apiVersion: 'v1', kind: 'Secret', metadata: {name, namespace: 'istio-system', uid: `uid-${name}`}, data}
}

/** The kubeconfig for `west` with a token. */
export function kubeconfig(token: string, target = 'west'): string {
  const server = `https://${target}.example:6443`
  return remoteKubeconfig({target, server, certificateAuthority: 'CA\n', tlsServerName: undefined, token})
}

/** East, which reads west with a token of `secretName`, and west. */
export function eastAndWest(
  more: {secretName?: string; east?: Partial<FederationFacts>; keys?: Record<string, string>} = {},
): MeshMember[] {
  const {secretName = 'istio-remote-token-east', east, keys} = more
  const secret = remoteSecret('istio-remote-secret-west', keys ?? {west: kubeconfig('old')})
  const token = tokenSecret(secretName, 'old')
  return [
    member('east', {remoteSecrets: [secret], created: [secret], ...east}),
    member('west', {tokenSecrets: new Map([[secretName, token]]), created: [token]}),
  ]
}

/** The only pair among the clusters: east reads west. */
export function onlyPair(all: readonly MeshMember[], more: object = {}): Pair {
  return pairsAmong({...settings, ...more}, all).pairs[0]!
}
