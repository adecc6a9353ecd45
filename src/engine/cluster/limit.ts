/** Runs at most `size` of the tasks given to it at the same time; the others wait, first come first served. */
export function createLimit(size: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async task => {
    if (running >= size) await new Promise<void>(go => waiting.push(go))
    else running++
    try {
      return await task()
    } finally {
      // The place is handed on as it is, so that nobody who comes now gets in between.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
