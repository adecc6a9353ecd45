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
