/** A measurement of istiod. */
export interface Sample {
  localPods: number
  /** Of all remote clusters together. */
  remotePods: number
  remotes: number
  /** Connected proxies. */
  proxies: number
  /** Watches for each remote cluster. */
  watches: number
  /** Resident memory. */
  mib: number
}

/** The model that fits measurements best. */
export interface Fit {
  /** MiB. */
  base: number
  perLocalPod: number
  perRemotePod: number
  perRemote: number
  /** Model minus measurement, in MiB, for each sample. */
  errors: number[]
}

/** Fits memory without proxies as a linear function by least squares (normal equations, Gaussian elimination). */
export function fitLinear(samples: readonly Sample[]): Fit {
  const rows = samples.map(({localPods, remotePods, remotes}) => [1, localPods, remotePods, remotes])
  const size = rows[0]!.length
  const system = Array.from({length: size}, (_, i) => [
    ...Array.from({length: size}, (_, j) => sum(rows.map(row => row[i]! * row[j]!))),
    sum(rows.map((row, at) => row[i]! * samples[at]!.mib)),
  ])
  const found = solve(system) as [number, number, number, number]
  const [base, perLocalPod, perRemotePod, perRemote] = found
  const errors = rows.map((row, at) => sum(row.map((value, i) => value * found[i]!)) - samples[at]!.mib)
  return {base, perLocalPod, perRemotePod, perRemote, errors}
}

/** @param system one row for each unknown, with the right side at its end */
function solve(system: readonly (readonly number[])[]): number[] {
  const rows = system.map(row => [...row])
  for (const [at] of rows.entries()) {
    const pivot = rows.findIndex(
      (row, i) => i >= at && Math.abs(row[at]!) === Math.max(...rows.slice(at).map(r => Math.abs(r[at]!))),
    )
    ;[rows[at], rows[pivot]] = [rows[pivot]!, rows[at]!]
    const own = rows[at]!.map(value => value / rows[at]![at]!)
    rows[at] = own
    for (const [other, row] of rows.entries())
      if (other !== at) rows[other] = row.map((value, j) => value - row[at]! * own[j]!)
  }
  return rows.map(row => row.at(-1)!)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0)
}
