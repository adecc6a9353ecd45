import {attempt} from '../../../pki/attempt.ts'
import {caFiles} from '../../../pki/ca-certs.ts'
import type {CaData} from '../../../pki/check-cacerts.ts'
import {readCertificates} from '../../../pki/read.ts'
import {type Goal, goalOf, type Stage, stageOf} from './istio-stages.ts'

/** How far a cluster is in a change of the root. */
export interface Progress {
  stage: Stage
  /** Number of proxies that the cluster runs. */
  proxies: number
  /** What proxies lack, as `NAMESPACE/NAME PROBLEM`. */
  incomplete: string[]
}

/**
 * Returns what workloads must hold, from `cacerts` alone: the CA is below the old root in the stage `trust`, and below the new one in
 * the stage `issue`.
 *
 * @param annotation the stage that the Secret is annotated with; undefined or another text outside of a change
 */
export function goalIn(data: CaData, annotation: string | undefined): {stage: Stage; goal: Goal} | undefined {
  const roots = attempt(() => readCertificates(data[caFiles.rootCert] ?? '', caFiles.rootCert), []) ?? []
  const [one, other] = roots
  if (!one || !other || roots.length > 2) return undefined
  for (const [old, next] of [
    [one, other],
    [other, one],
  ] as const) {
    const stage = stageOf(data, {old, next})
    if (stage !== undefined && stage === annotation) return {stage, goal: goalOf(stage, old, next)}
  }
  return undefined
}
