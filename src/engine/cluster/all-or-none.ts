/**
 * Works on all items in parallel. A failure aborts the work on the others. Throws the first error only when all work has ended,
 * so that nothing is created after a cleanup.
 *
 * @param work receives a signal that is also aborted with `signal`
 */
export async function allOrNone<T, R>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const failed = new AbortController()
  const anySignal = AbortSignal.any([signal, failed.signal])
  const errors: unknown[] = []
  const results = await Promise.allSettled(
    items.map(item =>
      work(item, anySignal).catch((error: unknown) => {
        errors.push(error)
        failed.abort()
        throw error
      }),
    ),
  )
  if (errors.length > 0) throw errors[0]
  return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
}
