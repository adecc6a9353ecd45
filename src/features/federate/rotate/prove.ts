import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {checkRights} from '../../../engine/cluster/rights/rights.ts'
import {isTokenAccepted} from '../../../engine/cluster/tokens.ts'
import {credentialProblems} from '../../../mesh/credentials/problems.ts'
import {tryServer} from '../../../mesh/credentials/read-authority.ts'
import {readerRights} from '../../../mesh/read.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'
import {clusterOf} from '../plan.ts'
import type {Pair} from './pairs.ts'

/**
 * Proves that istiod can use a new kubeconfig before it is written: an istiod that gets a wrong one may count it as synced after
 * 30 s, and then empty the cluster (Istio 1.30 and newer).
 *
 * @param kubeconfig with the new token, and the address and certificate authority of the current one
 * @returns why istiod could not use it, in words that follow `the new token`; undefined if it can
 */
export async function proveCredential(pair: Pair, kubeconfig: string, now: Date): Promise<string | undefined> {
  const {target, held} = pair
  const {token, server, authority, serverName} = accessIn(kubeconfig) ?? {}
  if (token === undefined || server === undefined) return 'is not in the kubeconfig'
  const [problem] = credentialProblems({...held.found, kubeconfig, ours: false}, target, now)
  if (problem !== undefined) return `would be sent to a server that is not known: the kubeconfig ${problem}`
  // Without the right to review tokens, the requests with the token decide.
  if (!(await isTokenAccepted(clusterOf(target), token, true))) return `is rejected by ${target.cluster} (TokenReview)`
  const tried = await tryServer(server, authority, serverName)
  if (tried.state === 'rejected') return `cannot be used: the certificate of ${server} was rejected (${tried.error})`
  // This machine may not reach the address that the other clusters use. That istiods are synced through it proves the address.
  const at = {server, certificateAuthority: authority, tlsServerName: serverName}
  const reader = clusterOf(target).withToken(token, tried.state === 'verified' ? at : undefined)
  try {
    return await proveReads(reader)
  } finally {
    reader.close()
  }
}

async function proveReads(reader: Cluster): Promise<string | undefined> {
  try {
    await reader.read('/api/v1/services?limit=1')
    const [missing] = await checkRights(reader, [...readerRights])
    return missing ? `does not permit istiod to ${missing.verb} ${missing.resource}` : undefined
  } catch (error) {
    if (error instanceof ApiError || error instanceof UnreachableError) return `cannot list Services: ${error.message}`
    throw error
  }
}
