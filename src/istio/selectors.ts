/** A Kubernetes label selector (meta/v1 LabelSelector), as `discoverySelectors` and webhooks hold it. */
export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: {key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; values?: string[]}[]
}

/** Whether labels fit a selector; an empty selector fits all (apimachinery, LabelSelectorAsSelector). */
export function fits(selector: LabelSelector | undefined, labels: Record<string, string>): boolean {
  const {matchLabels = {}, matchExpressions = []} = selector ?? {}
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({key, operator, values = []}) => {
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
    })
  )
}

/**
 * Whether istiod watches a namespace: one of the mesh config's `discoverySelectors` fits, or there is none. Its own
 * namespace is no exception (istio pkg/kube/namespace/filter.go).
 */
export function isDiscovered(selectors: readonly LabelSelector[], labels: Record<string, string>): boolean {
  return selectors.length === 0 || selectors.some(selector => fits(selector, labels))
}

/** Whether a Service's selector takes labels; an empty one takes none. */
export function isSelected(
  selector: Record<string, string> | undefined,
  labels: Record<string, string> | undefined,
): boolean {
  const wanted = Object.entries(selector ?? {})
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value)
}
