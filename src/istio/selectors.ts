/** A Kubernetes label selector (meta/v1 LabelSelector), as used in `discoverySelectors` and webhooks. */
export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: LabelRequirement[]
}

interface LabelRequirement {
  key: string
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  values?: string[]
}

/** Returns whether a value of unknown type can be used as a selector: its maps and lists are maps and lists. */
export function isSelector(value: unknown): value is LabelSelector {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const {matchLabels, matchExpressions} = value as {matchLabels?: unknown; matchExpressions?: unknown}
  return (
    (matchLabels === undefined || isTextMap(matchLabels)) &&
    (matchExpressions === undefined || (Array.isArray(matchExpressions) && matchExpressions.every(isRequirement)))
  )
}

function isTextMap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(text => typeof text === 'string')
}

function isRequirement(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const {key, values = []} = value as {key?: unknown; values?: unknown}
  return typeof key === 'string' && Array.isArray(values)
}

/** Returns whether labels match a selector. An empty selector matches all labels (apimachinery, LabelSelectorAsSelector). */
export function matchesSelector(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  const {matchLabels = {}, matchExpressions = []} = selector ?? {}
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(requirement => meetsRequirement(requirement, labels))
  )
}

function meetsRequirement(
  {key, operator, values = []}: LabelRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}

/**
 * Returns whether istiod watches a namespace with these labels: it matches one of the mesh config's `discoverySelectors`,
 * or there are none. istiod's own namespace is no exception (istio pkg/kube/namespace/filter.go).
 */
export function isDiscovered(selectors: readonly LabelSelector[], labels: Record<string, string>): boolean {
  return selectors.length === 0 || selectors.some(selector => matchesSelector(selector, labels))
}

/** Returns whether a Service's selector selects pods with these labels. An empty selector selects no pod. */
export function isSelected(
  selector: Record<string, string> | undefined,
  labels: Record<string, string> | undefined,
): boolean {
  const wanted = Object.entries(selector ?? {})
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value)
}
