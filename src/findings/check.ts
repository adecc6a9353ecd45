import type {Problem} from '../errors.ts'

/** A result of a check. */
export interface Finding extends Problem {
  /** Default `error`. */
  level?: 'error' | 'warning'
  /** Name of the cluster, if the finding concerns one. */
  cluster?: string
}

/** A finding together with the check that returned it, as it is reported. An error makes a command refuse or fail. */
export interface ReportedFinding extends Problem {
  level: 'error' | 'warning'
  /** ID of the check. It is part of the JSON output and stays the same across releases. */
  check: string
  /** Name of the cluster, if the finding concerns one. */
  cluster?: string
}

/** A check of data that was read before. */
export interface Check<S> {
  id: string
  /** What is true when nothing is found: `all clusters have one root CA`. */
  about: string
  /** Returns everything that is wrong. Pure: the subject holds all the data that the check needs. */
  run: (subject: S) => Finding[]
}

/** The findings of all checks, in the order of the checks. Findings of one check do not stop the next. */
export function runChecks<S>(checks: readonly Check<S>[], subject: S): ReportedFinding[] {
  return checks.flatMap(check =>
    check.run(subject).map(finding => ({level: 'error' as const, ...finding, check: check.id})),
  )
}

/** The findings of one level as problems. The message of each begins with its cluster. */
export function problemsOf(findings: readonly ReportedFinding[], level: ReportedFinding['level']): Problem[] {
  return findings
    .filter(finding => finding.level === level)
    .map(({cluster, message, hints = []}) => ({
      message: cluster === undefined ? message : `${cluster}: ${message}`,
      hints,
    }))
}
