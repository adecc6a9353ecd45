/** A sequence of pseudo-random numbers that a seed determines. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** An integer in [0, count). */
  below(count: number): number
  /** One of the items. */
  pick<T>(items: readonly T[]): T
  /** Whether an event of this probability happens. */
  chance(probability: number): boolean
}

/** Starts a sequence (mulberry32 by T. Ettinger, public domain): the same seed gives the same numbers on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  return {next, below, pick: items => items[below(items.length)]!, chance: probability => next() < probability}
}
