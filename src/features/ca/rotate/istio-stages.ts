import {attempt} from '../../../pki/attempt.ts'
import {caFiles} from '../../../pki/ca-certs.ts'
import type {CaData} from '../../../pki/check-cacerts.ts'
import {type Certificate, readCertificates} from '../../../pki/read.ts'
import {verifyChain} from '../../../pki/verify.ts'
import {readOwnCa} from '../change/checks.ts'

/**
 * What the `cacerts` of a cluster contains during a change of the root: the old root; both roots, with the CA below the old or the
 * new one; the new root.
 */
export const stages = ['old', 'trust', 'issue', 'new'] as const

/** A stage of a change of the root. */
export type Stage = (typeof stages)[number]

/** Both roots of a change. There is no new one before it begins, and none after it has ended. */
export interface Roots {
  old: Certificate
  next: Certificate | undefined
}

/** What workloads must hold in a stage. */
export interface Goal {
  trusted: readonly Certificate[]
  distrusted: readonly Certificate[]
  /** The root of their certificates. */
  signer: Certificate
}

/** Returns the stage of a cluster; undefined if its `cacerts` is in none. */
export function stageOf(data: CaData | undefined, {old, next}: Roots): Stage | undefined {
  const ca = readOwnCa(data)
  const trusted = attempt(() => readCertificates(data?.[caFiles.rootCert] ?? '', caFiles.rootCert), [])
  if (!ca || !trusted) return undefined
  const isBelow = (root: Certificate) =>
    verifyChain(ca.own, {intermediates: ca.chain, roots: [root], now: undefined}) === undefined
  const found = new Set(trusted.map(({fingerprint}) => fingerprint))
  const trusts = (...roots: Certificate[]) =>
    found.size === roots.length && roots.every(({fingerprint}) => found.has(fingerprint))
  if (trusts(old)) return isBelow(old) ? 'old' : undefined
  if (!next) return undefined
  if (trusts(next)) return isBelow(next) ? 'new' : undefined
  if (!trusts(old, next)) return undefined
  if (isBelow(next)) return 'issue'
  return isBelow(old) ? 'trust' : undefined
}

/** Returns what workloads hold when a stage is complete. */
export function goalOf(stage: Stage, old: Certificate, next: Certificate): Goal {
  if (stage === 'old') return {trusted: [old], distrusted: [next], signer: old}
  if (stage === 'new') return {trusted: [next], distrusted: [old], signer: next}
  return {trusted: [old, next], distrusted: [], signer: stage === 'trust' ? old : next}
}

/**
 * Returns the text of `root-cert.pem` in a stage.
 *
 * istiod 1.29 and older accepts a new text only if it contains the current one as a whole, or is contained in it; 1.30 and newer
 * compares the certificates (handleEvent in pilot/pkg/bootstrap/istio_ca.go). In the stage `issue`, the text has an empty line more than
 * in the stage `trust`: with other bytes, istiod sends the roots to all proxies again, and they request new certificates at once
 * (UpdateTrustAnchor in pilot/pkg/trustbundle, UpdateConfigTrustBundle in security/pkg/nodeagent/cache, 1.31). Without it, they would keep
 * certificates of the old root for up to a day.
 *
 * @param current the text in the cluster, with the old root
 * @param next the new root, PEM, with a line feed at its end
 */
export function rootText(stage: Stage, current: string, next: string): string {
  if (stage === 'new') return next
  const at = current.indexOf(next)
  // Another tool may have put the new root first.
  const old = at < 0 ? current : at === 0 ? current.slice(next.length) : current.slice(0, at)
  if (stage === 'old') return old
  const both = `${old}${old.endsWith('\n') ? '' : '\n'}${next}`
  return stage === 'trust' ? both : `${both}\n`
}

/** What a run changes. */
export interface Move {
  to: Stage
  /** The clusters that change, by their index. */
  members: number[]
}

/** Why a run changes nothing, as an error or as a message. */
export interface NoMove {
  problem?: string
  message?: string
}

/** The stage that a run was asked for; undefined for the next one. */
export type Requested = 'trust' | 'issue' | 'finish' | undefined

/** Returns what a run changes. All clusters complete a stage before one of them enters the next. */
export function moveOf(found: readonly Stage[], {stage, revert}: {stage: Requested; revert: boolean}): Move | NoMove {
  const positions = found.map(one => stages.indexOf(one))
  const [lowest, highest] = [Math.min(...positions), Math.max(...positions)]
  if (revert) return revertOf(positions, highest)
  if (stage === undefined && highest === 0)
    return {problem: 'no change of the root is in progress; --stage trust begins one'}
  const target = stage === undefined ? Math.max(lowest + 1, 1) : stages.indexOf(stage === 'finish' ? 'new' : stage)
  if (target > stages.length - 1) return {message: 'every cluster has only the new root'}
  if (highest === 0 && stage === 'finish') return {message: 'no change of the root is in progress'}
  if (lowest < target - 1)
    return {
      problem: `the stage ${nameOf(stages[target]!)} follows the stage ${nameOf(stages[lowest + 1]!)}, which is not complete`,
    }
  return {to: stages[target]!, members: indexes(positions, position => position < target)}
}

/** The text of a stage for users: the last one is `finish`. */
export function nameOf(stage: Stage): string {
  return stage === 'new' ? 'finish' : stage
}

function revertOf(positions: readonly number[], highest: number): Move | NoMove {
  if (highest === 3) return {problem: 'a cluster trusts only the new root already: the change can only be completed'}
  if (highest === 0) return {message: 'no change of the root is in progress'}
  return {to: stages[highest - 1]!, members: indexes(positions, position => position === highest)}
}

function indexes(positions: readonly number[], matches: (position: number) => boolean): number[] {
  return positions.flatMap((position, at) => (matches(position) ? [at] : []))
}
