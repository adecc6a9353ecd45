import type {Problem} from '../errors.ts'

/** What a check found wrong. An error refuses or fails; a warning is told and the command goes on. */
export interface ReportedFinding extends Problem {
  level: 'error' | 'warning'
  /** Id of the check, stable for `-o json`. */
  check: string
  /** Name of the cluster, where it is about one. */
  cluster?: string
}

/** One thing to look at, as data: what it is about, and how it is told from what was read. */
export interface Check<S> {
  id: string
  /** What holds when nothing is found: `all clusters have one root CA`. */
  about: string
  /** Pure: reads nothing, all it needs is in the subject. */
  run: (subject: S) => Finding[]
}

/** What one check says. */
export interface Finding extends Problem {
  /** An error, if nothing is said. */
  level?: 'error' | 'warning'
  cluster?: string
}

/** Runs all checks, in order; one that finds something does not stop the others. */
export function runChecks<S>(checks: readonly Check<S>[], subject: S): ReportedFinding[] {
  return checks.flatMap(check =>
    check.run(subject).map(trouble => ({level: 'error' as const, ...trouble, check: check.id})),
  )
}

/** Findings of one level as the funnel prints them, each with its cluster in front. */
export function problemsOf(findings: readonly ReportedFinding[], level: ReportedFinding['level']): Problem[] {
  return findings
    .filter(finding => finding.level === level)
    .map(({cluster, message, hints = []}) => ({
      message: cluster === undefined ? message : `${cluster}: ${message}`,
      hints,
    }))
}
