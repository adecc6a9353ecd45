import {parseDuration} from '../text/duration.ts'
import {FieldProblem} from './field.ts'

/** A converter for duration fields: Go's syntax (`1h30m`) → milliseconds, with the least and, if there is one, the most that is allowed. */
export function parseDurationField(limits: {atLeast: string; atMost?: string}): (text: string) => number {
  const least = parseDuration(limits.atLeast)!
  const most = limits.atMost === undefined ? Number.POSITIVE_INFINITY : parseDuration(limits.atMost)!
  return text => {
    const value = parseDuration(text)
    if (value === undefined) throw new FieldProblem(`${text} is not a duration (90s, 15m, 720h)`)
    if (value < least) throw new FieldProblem(`${text} is shorter than ${limits.atLeast}`)
    if (value > most) throw new FieldProblem(`${text} is longer than ${limits.atMost}`)
    return value
  }
}

/** Milliseconds in Go's syntax, so that a flag can say exactly them again: `720h`, `90s`, `1500ms`. */
export function goDuration(milliseconds: number): string {
  if (milliseconds % 3_600_000 === 0) return `${milliseconds / 3_600_000}h`
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`
}
