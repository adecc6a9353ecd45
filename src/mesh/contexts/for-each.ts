import {ApiError, UnreachableError} from '../../engine/cluster/errors.ts'
import {exitCodes, MeshError, type Problem, problemsIn} from '../../errors.ts'
import {contextFlags} from '../../spec/context-ref.ts'

/**
 * Runs `work` for several contexts in parallel.
 *
 * @returns the results, in the order of the contexts
 * @throws MeshError as `forEachPlace`
 */
export function forEachContext<T>(contexts: readonly string[], work: (context: string) => Promise<T>): Promise<T[]> {
  const places = contexts.map(context => ({context}))
  return forEachPlace(places, ({context}) => work(context))
}

/**
 * Runs `work` in parallel for what was read from several contexts.
 *
 * @returns the results, in the order of the places
 * @throws MeshError that lists the problems of all contexts: (exit 2) if one of them does not exist or cannot be used, (exit 3)
 *   if clusters do not answer, refuse a request, or hold what the command refuses
 */
export async function forEachPlace<P extends {context: string}, T>(
  places: readonly P[],
  work: (place: P) => Promise<T>,
): Promise<T[]> {
  const usage: Problem[] = []
  const refused: Problem[] = []
  const results = await Promise.all(
    places.map(async place => {
      try {
        return [await work(place)]
      } catch (error) {
        if (isUsageError(error)) usage.push(...error.problems)
        else if (isClusterError(error) || error instanceof MeshError) refused.push(...problemsOf(place.context, error))
        else throw error
        return []
      }
    }),
  )
  if (usage.length > 0) throw new MeshError(usage, exitCodes.usage)
  if (refused.length > 0) throw new MeshError(refused, exitCodes.refused)
  return results.flat()
}

/** Whether a cluster did not answer, or refused a request. */
export function isClusterError(error: unknown): boolean {
  return error instanceof UnreachableError || error instanceof ApiError
}

function isUsageError(error: unknown): error is MeshError {
  return error instanceof MeshError && error.exit === exitCodes.usage
}

function problemsOf(context: string, error: unknown): Problem[] {
  const hint = `kubectl ${contextFlags(context)} version`
  return problemsIn(error).map(({message, hints = [hint]}) => ({message: `${context}: ${message}`, hints}))
}
