/** A measured claim: our value compared with another one, or with a fixed bound. */
export interface Claim {
  /** The measured operation. */
  what: string
  /** Our measured value: `61 ms`. */
  ours: string
  /** The value for comparison: `node -e 0: 23 ms`. */
  theirs: string
  /** The ratio or number to compare with `bound`, in the same unit. */
  value: number
  bound: number
  /** Whether `value` must be at most or at least `bound`. */
  is: 'at most' | 'at least'
  unit: string
}

/** Whether the value is within its bound. */
export function isMet({value, bound, is}: Claim): boolean {
  return is === 'at most' ? value <= bound : value >= bound
}

/** The claims as a Markdown table. */
export function formatClaims(claims: readonly Claim[]): string {
  const rows = claims.map(claim => [
    claim.what,
    claim.ours,
    claim.theirs,
    `${rounded(claim.value)} ${claim.unit}`,
    `${claim.is === 'at most' ? '≤' : '≥'} ${claim.bound} ${claim.unit}`,
    isMet(claim) ? 'met' : '**not met**',
  ])
  const table = [
    ['what', 'ours', 'compared with', 'measured', 'claim', ''],
    ['---', '---', '---', '---', '---', '---'],
    ...rows,
  ]
  return table.map(row => `| ${row.join(' | ')} |`).join('\n')
}

/** Formats milliseconds: `23 ms`, `1.40 s`. */
export function formatTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${rounded(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
}

/** The median: the middle number, or the mean of the two middle numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
}

function rounded(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(0)
}
