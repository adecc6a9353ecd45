import type {ControlPlane} from '../../istio/control-plane.ts'
import {type CaData, layoutOf} from '../../pki/check-cacerts.ts'
import type {IssuedNames} from '../../pki/name-constraints.ts'
import type {MeshMember} from '../members.ts'
import {istiodHost} from '../objects-expose-istiod.ts'
import {readCaSecret} from './objects.ts'

/** The root CA of a cluster. */
export interface ClusterRoot {
  pem: string
  /** It is from the Secret `cacerts`. Otherwise istiod or another CA distributes it now. */
  pluggedIn: boolean
}

/**
 * Returns the CA in `cacerts`, decoded. Undefined if there is none, or if no istiod reads it: in a remote, and where another CA
 * issues the certificates of workloads.
 */
export function pluggedCaOf({facts, primary, controlPlane}: MeshMember): CaData | undefined {
  const isRead = primary === undefined && controlPlane?.externalCa === undefined
  return facts?.caSecret && isRead ? readCaSecret(facts.caSecret) : undefined
}

/** Returns what an istiod issues certificates for: name constraints of its CA must not exclude it. Undefined without a control plane. */
export function issuedNames(controlPlane: ControlPlane | undefined): IssuedNames | undefined {
  if (!controlPlane) return undefined
  const {trustDomain, namespace, revision} = controlPlane
  const host = istiodHost({systemNamespace: namespace, revision: revision === 'default' ? undefined : revision})
  return {trustDomain, istiod: host}
}

/** Returns the root for which a cluster is configured: that of `cacerts` in the layout that istiod reads, else the one served now. */
export function rootOf(member: MeshMember): ClusterRoot | undefined {
  const data = pluggedCaOf(member)
  const plugged = data?.[layoutOf(data).root]
  if (plugged !== undefined) return {pem: plugged, pluggedIn: true}
  const served = member.facts?.servedRoot
  return served === undefined ? undefined : {pem: served, pluggedIn: false}
}

/**
 * Returns the root that the workloads of a cluster trust now, PEM. It is not that of `cacerts` until istiod restarts. Without a
 * served root, istiod has not started yet, and will distribute that of `cacerts`.
 */
export function currentRootOf(member: MeshMember): string | undefined {
  return member.facts?.servedRoot ?? rootOf(member)?.pem
}

/** What to do where the CA is not istiod. */
export const externalCaHints: readonly string[] = [
  'give this CA (istio-csr, cert-manager, Vault, …) an issuer below the same root in each cluster, and omit --ca-dir',
]
