const units: Record<string, number> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000}

/**
 * A duration in Go's syntax (`300ms`, `90s`, `1h30m`, and `0`) as milliseconds, or undefined when it is none.
 * Units are ms, s, m and h, as kubectl's flags take them; a sign is not allowed.
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined
  let total = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) total += Number(number) * units[unit!]!
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined
}

/** Milliseconds as a person reads them, with at most two units: `5m`, `1m30s`, `12s`, `30h`, `364d`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (milliseconds < 1000) return `${milliseconds}ms`
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${seconds % 60 ? `${seconds % 60}s` : ''}`
  if (seconds < 48 * 3600)
    return `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60) ? `${Math.floor((seconds % 3600) / 60)}m` : ''}`
  return `${Math.floor(seconds / 86_400)}d`
}
