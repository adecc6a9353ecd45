import {parseDuration} from '../text/duration.ts'
import {FieldProblem} from './field.ts'

/**
 * Returns a converter for duration fields, from Go's syntax (`1h30m`) to milliseconds.
 *
 * @param limits the shortest and longest duration that is accepted, in Go's syntax, both inclusive
 */
export function parseDurationField(limits: {atLeast: string; atMost?: string}): (text: string) => number {
  const shortest = parseDuration(limits.atLeast)!
  const longest = limits.atMost === undefined ? Number.POSITIVE_INFINITY : parseDuration(limits.atMost)!
  return text => {
    const value = parseDuration(text)
    if (value === undefined) throw new FieldProblem(`${text} is not a duration (90s, 15m, 720h)`)
    if (value < shortest) throw new FieldProblem(`${text} is shorter than ${limits.atLeast}`)
    if (value > longest) throw new FieldProblem(`${text} is longer than ${limits.atMost}`)
    return value
  }
}

/** Formats milliseconds in Go's syntax without rounding, so that a flag accepts them again: `720h`, `90s`, `1500ms`. */
export function goDuration(milliseconds: number): string {
  if (milliseconds % 3_600_000 === 0) return `${milliseconds / 3_600_000}h`
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`
}
