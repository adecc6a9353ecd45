import {parseJson} from './json.ts'

/** How to take back an edit of a text that others edit too: the lines that it inserted, and those that they replaced. */
export interface TextUndo {
  /** Whole lines, with an unchanged line before and after them to find their place. */
  added: string
  removed: string
}

/** Returns how to get from `after` to `before`. Undefined if both are equal. */
export function undoFor(before: string, after: string): TextUndo | undefined {
  if (before === after) return undefined
  const [old, current] = [linesOf(before), linesOf(after)]
  const shortest = Math.min(old.length, current.length)
  let head = 0
  while (head < shortest && old[head] === current[head]) head++
  let tail = 0
  while (tail < shortest - head && old.at(-1 - tail) === current.at(-1 - tail)) tail++
  const [from, to] = [Math.max(head - 1, 0), Math.max(tail - 1, 0)]
  return {added: current.slice(from, current.length - to).join(''), removed: old.slice(from, old.length - to).join('')}
}

/**
 * Takes an edit back. Every other byte stays.
 *
 * @returns undefined if the text no longer contains the inserted lines, or contains them twice
 */
export function applyUndo(text: string, {added, removed}: TextUndo): string | undefined {
  const found: number[] = []
  for (let at = text.indexOf(added); at >= 0 && found.length < 2; at = text.indexOf(added, at + 1)) {
    const end = at + added.length
    const isWholeLines = (at === 0 || text[at - 1] === '\n') && (end === text.length || text[end - 1] === '\n')
    if (isWholeLines) found.push(at)
    if (added === '') break
  }
  const [at] = found
  if (at === undefined || found.length > 1) return undefined
  return text.slice(0, at) + removed + text.slice(at + added.length)
}

/** Reads what `JSON.stringify` wrote. Undefined for any other value. */
export function readTextUndo(value: unknown): TextUndo | undefined {
  const parsed = typeof value === 'string' ? parseJson(value) : value
  const {added, removed} = (parsed ?? {}) as Partial<Record<keyof TextUndo, unknown>>
  return typeof added === 'string' && typeof removed === 'string' ? {added, removed} : undefined
}

function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/)
}
