/** Exit codes of all commands. An unexpected error is `refused`, because scripts treat `differences` as a result. */
export const exitCodes = {
  /** Success, or no differences. */
  ok: 0,
  /** `--exit-code` is set and there are differences. */
  differences: 1,
  /** Invalid usage. No request was sent. */
  usage: 2,
  /** Refused or failed, and nothing was changed. Also any unexpected error. */
  refused: 3,
  /** Some changes were made, others failed. */
  partly: 4,
  /** A check failed. */
  check: 5,
  /** Ctrl-C. */
  interrupted: 130,
} as const

/** One of the exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** A problem as it is printed, with its solution. */
export interface Problem {
  /** The problem. It begins with the cluster if it concerns one. */
  message: string
  /** Next steps. Each is printed after `hint:`. */
  hints?: string[]
}

/**
 * An error that the user can solve. It is printed as `error: …` and `hint: …` lines, without a stack trace.
 *
 * `problems` is not empty. It lists everything that was found at once, such as each missing flag or each failed cluster.
 */
export class MeshError extends Error {
  readonly problems: Problem[]
  readonly exit: ExitCode

  constructor(problems: Problem | Problem[], exit: ExitCode, cause?: unknown) {
    const list = Array.isArray(problems) ? problems : [problems]
    super(list.map(problem => problem.message).join('\n'), cause === undefined ? undefined : {cause})
    this.name = 'MeshError'
    this.problems = list
    this.exit = exit
  }
}

/** An error for invalid flags, answers or files. Exit code 2: no request was sent. */
export function usageError(message: string, ...hints: string[]): MeshError {
  return new MeshError({message, hints}, exitCodes.usage)
}

/** An error for a command that is refused, or that fails before it changes anything. Exit code 3. */
export function refusedError(message: string, ...hints: string[]): MeshError {
  return new MeshError({message, hints}, exitCodes.refused)
}

/** The problems of any thrown value, with their hints. */
export function problemsIn(error: unknown): Problem[] {
  const hasProblems = error instanceof Error && 'problems' in error && Array.isArray(error.problems)
  return hasProblems ? (error.problems as Problem[]) : [{message: messageOf(error)}]
}

/** All problems of an error as one, for a report with one row per cluster. */
export function joinedProblem(error: unknown): Problem {
  const problems = problemsIn(error)
  const hints = problems.flatMap(({hints = []}) => hints)
  return {message: problems.map(({message}) => message).join('; '), ...(hints.length > 0 ? {hints} : {})}
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
