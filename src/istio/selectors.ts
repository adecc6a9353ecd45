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

/** Returns whether labels match a selector. An empty selector matches all labels (apimachinery, LabelSelectorAsSelector). */
export function matchesSelector(selector: LabelSelector | undefined, labels: Record<string, string>): boolean {
  const {matchLabels = {}, matchExpressions = []} = selector ?? {}
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(requirement => meetsRequirement(requirement, labels))
  )
}

function meetsRequirement({key, operator, values = []}: LabelRequirement, labels: Record<string, string>): boolean {
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
