import type fc from 'fast-check'

/** One boundary of the program: the inputs to try there, and what must hold for each of them. */
export interface Target<T> {
  input: fc.Arbitrary<T>
  /**
   * Uses the program with one input.
   *
   * @throws any error for a fault. An error that the user can solve is no fault (see `accepted` in `oracle.ts`).
   */
  check(input: T): void | Promise<void>
}

/** A target whose type of input is not known. */
export type AnyTarget = Target<unknown>

/** Hides the type of the input, so that targets fit into one list. */
export function defineTarget<T>(target: Target<T>): AnyTarget {
  return target as Target<unknown>
}
