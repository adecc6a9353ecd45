import {MeshError, type Problem} from '../errors.ts'

/** Runs `read`. If it throws a MeshError, adds its problems to `problems` and returns undefined. */
export function attempt<T>(read: () => T, problems: Problem[]): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}
