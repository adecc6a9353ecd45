import type {Target} from './spec-fields.ts'

/** Describes that an authorizer no longer protects a target. `--selector` may replace `--to`. */
export function targetRisk(before: Target | undefined, after: Target | undefined): string | undefined {
  const [from, to] = [before, after].map(target => target && `${target.kind}/${target.name}`)
  if (from === undefined || from === to) return undefined
  return `${from} will no longer be protected by the authorizer${to === undefined ? '' : `; ${to} will be`}`
}

/** Describes that an authorizer protects workloads with other labels. */
export function selectorRisk(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string | undefined {
  const [from, to] = [before, after].map(labels =>
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join(','),
  )
  if (from === '' || from === to) return undefined
  return `workloads with ${from} will no longer be protected by the authorizer${to === '' ? '' : `; those with ${to} will be`}`
}

/** Describes that an authorizer protects workloads in another namespace. */
export function namespaceRisk(before: string | undefined, after: string | undefined): string | undefined {
  if (before === undefined || before === after) return undefined
  return `workloads in namespace ${before} will no longer be protected by the authorizer; those in ${after} will be`
}

/** Returns the risk of `--path` and `--method`: requests that no longer reach the authorizer. An empty list means all. */
export function fewerRequests(
  noun: string,
): (before: readonly string[], after: readonly string[]) => string | undefined {
  return (before, after) => {
    const isNarrower = after.length > 0 && (before.length === 0 || before.some(one => !after.includes(one)))
    if (!isNarrower) return undefined
    return `only requests with ${noun} ${after.join(', ')} will be authorized; now those with ${before.length === 0 ? `any ${noun}` : before.join(', ')} are`
  }
}

/** Describes paths that skip authorization. */
export function notPathsRisk(before: readonly string[], after: readonly string[]): string | undefined {
  const added = after.filter(path => !before.includes(path))
  return added.length === 0 ? undefined : `requests to ${added.join(', ')} will skip authorization`
}

/** Describes that requests are allowed without authorization. */
export function failRisk(before: string, after: string): string | undefined {
  return before === 'closed' && after === 'open'
    ? 'requests will be allowed when the authorizer does not respond; now they are denied'
    : undefined
}
