import type {Cluster} from '../engine/cluster/cluster.ts'
import {isDefined} from './read-definitions.ts'

/**
 * Returns whether the Sail operator is installed in a cluster.
 *
 * @throws ApiError, UnreachableError
 */
export async function hasSailOperator(cluster: Cluster): Promise<boolean> {
  return isDefined(cluster, 'istios.sailoperator.io')
}

/**
 * Returns the problem that the operator is required and not installed.
 *
 * @param alternative flag of another tool: `--via istioctl`
 */
export function missingSailOperator(alternative: string): {message: string; hints: string[]} {
  return {
    message: 'the Sail operator is not installed: an Istio resource would have no effect',
    hints: [`install the Sail operator first (see its documentation), or use ${alternative}`],
  }
}
