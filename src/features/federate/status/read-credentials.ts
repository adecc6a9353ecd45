import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError} from '../../../engine/cluster/errors.ts'
import {reviewToken} from '../../../engine/cluster/tokens.ts'
import {credentialProblems} from '../../../mesh/credentials/problems.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {accessIn, claimsOf} from '../../../mesh/remote-kubeconfig.ts'
import {credentialsIn, type FoundCredential} from '../../../mesh/remote-secrets.ts'
import type {HeldStatus} from './report.ts'

/** The credentials that all clusters hold for each other, tested by the clusters that they are for. */
export async function readHeld(all: readonly MeshMember[], now: Date): Promise<HeldStatus[]> {
  const pairs = all.flatMap(holder => {
    // Decoded once for each holder: in a large mesh, once for each pair takes seconds.
    const found = holder.facts ? credentialsIn(holder.facts) : []
    return all.map(target => heldBy({...holder, found}, target, now))
  })
  return Promise.all(pairs)
}

async function heldBy(
  holder: MeshMember & {found: readonly FoundCredential[]},
  target: MeshMember,
  now: Date,
): Promise<HeldStatus> {
  const pair = {holder: holder.cluster, target: target.cluster}
  if (holder.context === target.context) return {...pair, state: 'self'}
  if (!holder.facts) return {...pair, state: 'unknown'}
  if (holder.primary !== undefined) return {...pair, state: 'needless'}
  const found = holder.found.find(credential => credential.target === target.cluster)
  const token = found && accessIn(found.kubeconfig)?.token
  if (!found || token === undefined) return {...pair, state: 'missing'}
  const times = timesOf(found, token, now)
  const problems = credentialProblems(found, target, now)
  if (problems.length > 0) return {...pair, state: 'unusable', ...times, secret: found.secret.metadata.name, problems}
  if (!target.facts) return {...pair, state: 'unknown', ...times}
  return {...pair, state: await reviewedState(target.facts.cluster, token), ...times}
}

/** A user who may not create TokenReviews sees all the rest. */
async function reviewedState(cluster: Cluster, token: string): Promise<HeldStatus['state']> {
  try {
    return (await reviewToken(cluster, token)) ? 'valid' : 'refused'
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return 'unknown'
    throw error
  }
}

/** A token without an issue date is as old as its Secret. */
function timesOf({secret}: FoundCredential, token: string, now: Date): Pick<HeldStatus, 'ageMs' | 'leftMs'> {
  const {issued, expires} = claimsOf(token)
  const created = issued ?? new Date(secret.metadata.creationTimestamp ?? now)
  const ageMs = now.getTime() - created.getTime()
  return expires ? {ageMs, leftMs: expires.getTime() - now.getTime()} : {ageMs}
}
