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
 * Numbers of tasks that run at the same time. In a mesh of 100 clusters, requests for all pairs of clusters would take hundreds of
 * MiB: those that wait, and those in flight, which survive until the garbage collector examines them rarely.
 */
const tasks = {mostPerList: 32, leastPerList: 4, total: 256}

/** Number of lists that `mapWithLimit` works on at this time: usually one for each cluster. */
let lists = 0

/**
 * Returns the results of a task for each item, in their order, like `Promise.all`. Starts the tasks in order, and runs only some of
 * them at the same time: the fewer, the more other lists there are. After a failure, no further task is started.
 */
export async function mapWithLimit<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  lists++
  try {
    return await runAll(items, task)
  } finally {
    lists--
  }
}

function runAll<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  return new Promise((resolve, reject) => {
    const results: R[] = []
    let [next, running] = [0, 0]
    const start = () => {
      if (running === 0 && next === items.length) resolve(results)
      while (next < items.length && running < share()) {
        const index = next++
        running++
        task(items[index]!).then(
          result => {
            results[index] = result
            running--
            start()
          },
          error => {
            next = items.length
            reject(error)
          },
        )
      }
    }
    start()
  })
}

function share(): number {
  return Math.min(tasks.mostPerList, Math.max(tasks.leastPerList, Math.floor(tasks.total / lists)))
}
