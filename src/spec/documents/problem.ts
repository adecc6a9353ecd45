import {exitCodes, MeshError, type Problem} from '../../errors.ts'
import type {Position} from '../../text/yaml-reading/documents.ts'

/** A problem at a place in a file. Its message does not contain the place. */
export interface DocumentProblem extends Problem, Position {
  /** As the user named it, or below the folder that the user named. */
  file: string
}

/** Returns the place as compilers print it: `mesh.yaml:3:5`. */
export function placeOf({file, line, column}: {file: string} & Position): string {
  return `${file}:${line}:${column}`
}

/** Returns an error with the place before each message. Exit code 2. */
export function documentError(problems: readonly DocumentProblem[]): MeshError {
  return new MeshError(
    problems.map(problem => ({
      message: `${placeOf(problem)}: ${problem.message}`,
      ...(problem.hints ? {hints: problem.hints} : {}),
    })),
    exitCodes.usage,
  )
}
