import type {ProgramResult} from '../support/ground/program.ts'
import type {Injection} from './inject.ts'
import type {Commands} from './scenario.ts'

/** What is wrong with the end of a disturbed run. */
export function exitProblems({code, stderr}: ProgramResult, injection: Injection): string[] {
  const problems = textProblems(stderr)
  if (code === -1) return injection.killed ? problems : [...problems, 'the run did not end within 100 s']
  const {all, known} = injection.written()
  if (code === 3 && known > 0) problems.push(`exit code 3 after ${known} successful writes; expected 4`)
  if (code === 4 && all === 0) problems.push('exit code 4 without a write; expected 3')
  if (![0, 3, 4].includes(code)) problems.push(`exit code ${code}; expected 0, 3 or 4`)
  if (code !== 0 && !/^error: /m.test(stderr)) problems.push(`exit code ${code} without an error message`)
  return problems.map(problem => `${problem}\n${stderr}`)
}

/** What is wrong with the end of an undisturbed run. */
export function calmProblems({code, stderr}: ProgramResult, nothingLeft?: Commands['nothingLeft']): string[] {
  if (code === 3 && nothingLeft?.test(stderr)) return []
  return [...(code === 0 ? [] : [`exit code ${code} without faults; expected 0\n${stderr}`]), ...textProblems(stderr)]
}

function textProblems(stderr: string): string[] {
  return /\bunexpected\b|^ +at .*:\d+:\d+\)?$/m.test(stderr) ? [`an unexpected error:\n${stderr}`] : []
}
