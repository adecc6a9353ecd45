/** One measured claim: `ours` against `theirs`, or `ours` against a fixed bound. */
export interface Claim {
  /** What is done, as a user would say it. */
  what: string
  /** What was measured: `61 ms`. */
  ours: string
  /** What it is compared with: `node -e 0: 23 ms`. */
  theirs: string
  /** The ratio or number that the claim is about, in the unit of `bound`. */
  value: number
  bound: number
  /** Whether `value` has to be at most or at least `bound`. */
  is: 'at most' | 'at least'
  unit: string
}

/** Whether the measurement keeps what is claimed. */
export function isMet({value, bound, is}: Claim): boolean {
  return is === 'at most' ? value <= bound : value >= bound
}

/** The claims as a table in Markdown. */
export function formatClaims(claims: readonly Claim[]): string {
  const rows = claims.map(claim => [
    claim.what,
    claim.ours,
    claim.theirs,
    `${rounded(claim.value)} ${claim.unit}`,
    `${claim.is === 'at most' ? '≤' : '≥'} ${claim.bound} ${claim.unit}`,
    isMet(claim) ? 'met' : '**short**',
  ])
  const table = [
    ['what', 'ours', 'compared with', 'measured', 'claim', ''],
    ['---', '---', '---', '---', '---', '---'],
    ...rows,
  ]
  return table.map(row => `| ${row.join(' | ')} |`).join('\n')
}

/** `23 ms`, `1.40 s`. */
export function formatTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${rounded(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
}

/** The middle one; for an even number the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
}

function rounded(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(0)
}
