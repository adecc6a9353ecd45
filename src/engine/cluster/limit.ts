import {maxInFlight} from './pool.ts'

/**
 * Returns a function that runs tasks, at most `size` of them at the same time. The others wait in order of arrival.
 */
export function createLimit(size: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async task => {
    if (running >= size) await new Promise<void>(start => waiting.push(start))
    else running++
    try {
      return await task()
    } finally {
      // The slot passes directly to the next task, so that a newcomer cannot take it first.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

/**
 * Twice the number of requests in flight to one server, so that the next request is always ready. A task that waits has not
 * built its request yet: in a mesh of 100 clusters, requests for all pairs of clusters would take hundreds of MiB.
 */
const mostAtOnce = 2 * maxInFlight

/** Returns the results of a task for each item, in their order, like `Promise.all`. Runs only some of the tasks at the same time. */
export function mapWithLimit<T, R>(
  items: readonly T[],
  task: (item: T) => Promise<R>,
  size: number = mostAtOnce,
): Promise<R[]> {
  const limit = createLimit(size)
  return Promise.all(items.map(item => limit(() => task(item))))
}
