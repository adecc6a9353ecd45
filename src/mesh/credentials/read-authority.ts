import {type TriedCertificate, tryCertificate} from '../../engine/cluster/reach.ts'
import type {FederationFacts} from '../facts.ts'

/** The API server of a cluster as istiods of other clusters reach it. */
export interface ServerOfCluster {
  /** https URL. */
  server: string
  facts: Pick<FederationFacts, 'cluster' | 'clusterAuthority' | 'tokenSecrets'>
}

/** The certificate authority for the remote Secrets of a cluster. */
export interface ServerAuthority {
  /** PEM; undefined for the certificate authorities of istiod's system. */
  pem: string | undefined
  /** Why it does not verify the certificate of the server; undefined if it does, or if this machine cannot reach the server. */
  problem: string | undefined
}

/**
 * Chooses the certificate authority with which istiods verify the API server of a cluster: the one that verifies its
 * certificate, as far as this machine reaches the server. Otherwise all that the cluster is known to use.
 *
 * The kubeconfig of this machine is not sufficient: it may have none, skip the verification, or lead through another endpoint
 * with another certificate authority than `--server` does.
 *
 * @param held the choice of an earlier run, which is kept unless the server proves it wrong: istiod reconnects when it changes
 */
export async function serverAuthority(target: ServerOfCluster, held: string | undefined): Promise<ServerAuthority> {
  const {server, facts} = target
  const {certificateAuthority: own, skipsVerification} = facts.cluster
  // The connection of this machine has verified the server.
  if (server === facts.cluster.server && !skipsVerification)
    return {pem: held?.trim() === own?.trim() ? held : own, problem: undefined}
  const issued = issuedAuthority(facts)
  const all = bundleOf(own, issued)
  const kept = isKnown(held, [own, issued, all]) || (issued === undefined && contains(held, own)) ? held : undefined
  const found = await firstVerified(target, [kept, own, issued])
  if ('pem' in found) return {pem: found.pem, problem: undefined}
  // Before the first write, the authority of the cluster may not be known yet.
  return {pem: kept ?? all, problem: issued === undefined ? undefined : found.error}
}

/** The first of the authorities, or that of the system, that verifies the server. Otherwise why the first one does not. */
async function firstVerified(
  {server, facts}: ServerOfCluster,
  authorities: readonly (string | undefined)[],
): Promise<{pem: string | undefined} | {error: string | undefined}> {
  const candidates = [...new Set(authorities.filter(pem => pem !== undefined)), undefined]
  let error: string | undefined
  for (const pem of candidates) {
    const trial = await tryServer(server, pem, facts.cluster.tlsServerName)
    if (trial.state === 'verified') return {pem}
    if (trial.state === 'unreachable') break
    error ??= trial.error
  }
  return {error}
}

function isKnown(held: string | undefined, known: readonly (string | undefined)[]): boolean {
  return held !== undefined && known.includes(held)
}

/** While the authority of the cluster is not known, nothing proves the rest of an earlier choice wrong. */
function contains(held: string | undefined, own: string | undefined): boolean {
  return held !== undefined && own !== undefined && held.includes(own.trim())
}

/** The certificate authority of the cluster itself, which Kubernetes also adds to tokens. */
function issuedAuthority({clusterAuthority, tokenSecrets}: ServerOfCluster['facts']): string | undefined {
  if (clusterAuthority !== undefined) return clusterAuthority
  for (const {data} of tokenSecrets.values()) {
    const authority = (data as Record<string, string> | undefined)?.['ca.crt']
    if (authority !== undefined) return Buffer.from(authority, 'base64').toString('utf8')
  }
  return undefined
}

function bundleOf(own: string | undefined, issued: string | undefined): string | undefined {
  if (own === undefined || issued === undefined || own.trim() === issued.trim()) return own ?? issued
  return `${own.trimEnd()}\n${issued}`
}

/** Handshakes of this process. A run asks for the same ones several times. */
const handshakes = new Map<string, Promise<TriedCertificate>>()

/** Like `tryCertificate`, once for each server and certificate authority. */
export function tryServer(
  server: string,
  authority: string | undefined,
  serverName: string | undefined,
): Promise<TriedCertificate> {
  const key = JSON.stringify([server, authority, serverName])
  const handshake = handshakes.get(key) ?? tryCertificate(server, authority, serverName)
  handshakes.set(key, handshake)
  return handshake
}
