import {expect} from 'vitest'
import type {ProgramResult} from './program.ts'

/** Expects exit code 0, and returns the result. A failure shows the output. */
export function succeeded(result: ProgramResult): ProgramResult {
  expect(result.code, `${result.stdout}\n${result.stderr}`).toBe(0)
  return result
}
