const units: Record<string, number> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000}

/**
 * Parses a duration in the syntax of Go's `time.ParseDuration` (`300ms`, `90s`, `1h30m`, `0`), which kubectl's flags use.
 * A sign and the units ns and us are not accepted.
 *
 * @returns milliseconds, or undefined for any other text
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined
  let total = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) total += Number(number) * units[unit!]!
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined
}

/** Formats milliseconds with at most two units: `5m`, `1m30s`, `12s`, `30h`, `364d`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (milliseconds < 1000) return `${milliseconds}ms`
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${seconds % 60 ? `${seconds % 60}s` : ''}`
  if (seconds < 48 * 3600)
    return `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60) ? `${Math.floor((seconds % 3600) / 60)}m` : ''}`
  return `${Math.floor(seconds / 86_400)}d`
}

/** How long something is valid, from the milliseconds that are left: `expires in 5m`, `expired 2d ago`. */
export function expiryText(left: number): string {
  return left > 0 ? `expires in ${formatDuration(left)}` : `expired ${formatDuration(-left)} ago`
}

/** Milliseconds of a day. */
export const dayMs = 86_400_000

/** Whole days until a date, negative after it. */
export function daysUntil(date: Date, now: Date): number {
  return Math.floor((date.getTime() - now.getTime()) / dayMs)
}
