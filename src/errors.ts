/**
 * Exit codes of every command. A pipeline may branch on them, so an unknown error is `refused`, never `differences`.
 */
export const exitCodes = {
  /** Done, or no difference. */
  ok: 0,
  /** `--exit-code` was given and there are differences. */
  differences: 1,
  /** Wrong usage: nothing was read or sent. */
  usage: 2,
  /** Refused or failed, and nothing was changed. Also every unknown error. */
  refused: 3,
  /** Some of the changes were made. */
  partly: 4,
  /** A check or a verify failed. */
  check: 5,
  /** Ctrl-C. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** One thing that is wrong, in the words a user reads, and what to do next. */
export interface Problem {
  /** What is wrong; names the cluster where there is one. */
  message: string
  /** The next step, each printed after `hint:`. */
  hints?: string[]
}

/**
 * An error that is the user's to solve. Printed as `error: …` and `hint: …` lines, without a stack trace.
 *
 * `problems` holds all that is wrong at once (one missing flag each, one cluster each), at least one.
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

/** Wrong flags, answers or files. Exit code 2: nothing was sent. */
export function usageError(message: string, ...hints: string[]): MeshError {
  return new MeshError({message, hints}, exitCodes.usage)
}

/** What was asked for is refused, or failed before anything was changed. Exit code 3. */
export function refusedError(message: string, ...hints: string[]): MeshError {
  return new MeshError({message, hints}, exitCodes.refused)
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
