/**
 * Returns a function that remembers its last results. Clusters of a mesh hold the same texts, such as a credential for each other
 * cluster, and a run reads each of them several times.
 *
 * @param compute a pure function; its results must not be changed
 * @param most number of results to keep, so that memory does not grow with the number of pairs of clusters
 */
export function remembering<T>(compute: (text: string) => T, most = 1000): (text: string) => T {
  const results = new Map<string, T>()
  return text => {
    if (results.has(text)) return results.get(text)!
    const result = compute(text)
    // The first key of a Map is the one that was added first.
    if (results.size >= most) results.delete(results.keys().next().value!)
    results.set(text, result)
    return result
  }
}
