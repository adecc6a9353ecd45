/** A sorted list of names in which consecutive numbers are a range: `a, w-001 … w-334`. */
export function rangesOf(names: readonly string[]): string {
  return runsOf(names).map(formatRun).join(', ')
}

function formatRun(run: readonly string[]): string {
  return run.length > 2 ? `${run[0]} … ${run.at(-1)}` : run.join(', ')
}

function runsOf(names: readonly string[]): string[][] {
  const sorted = [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en', {numeric: true}))
  const runs: string[][] = []
  for (const name of sorted) {
    const last = runs.at(-1)?.at(-1)
    if (last !== undefined && isNext(last, name)) runs.at(-1)!.push(name)
    else runs.push([name])
  }
  return runs
}

/** Whether two names differ only in their last number, and by one. */
function isNext(name: string, next: string): boolean {
  const [a, b] = [name, next].map(text => /^(.*?)(\d+)(\D*)$/s.exec(text))
  if (!a || !b || a[1] !== b[1] || a[3] !== b[3]) return false
  const padded = a[2]!.length === b[2]!.length || (!a[2]!.startsWith('0') && !b[2]!.startsWith('0'))
  return padded && BigInt(a[2]!) + 1n === BigInt(b[2]!)
}

/** A list of names for one line of a message: the first six ranges, and the number of further names. */
export function namesInShort(names: readonly string[]): string {
  const runs = runsOf(names)
  const shown = runs.slice(0, 6)
  const left = runs.slice(6).reduce((sum, run) => sum + run.length, 0)
  return `${shown.map(formatRun).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}
