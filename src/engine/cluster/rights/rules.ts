import type {Right} from '../../kubernetes/access-rules.ts'
import type {Cluster} from '../cluster.ts'
import {ApiError} from '../errors.ts'

/** A rule of RBAC as an API server or a ClusterRole has it. Every field may be missing. */
export interface GrantedRule {
  verbs?: readonly string[] | null
  apiGroups?: readonly string[] | null
  resources?: readonly string[] | null
  resourceNames?: readonly string[] | null
}

/** From this number of permissions in one place, a rules review costs less than one access review each. */
const reviewFrom = 3

/**
 * No namespace has this name, because it is too long. A rules review for it returns only what is granted in all namespaces and
 * for cluster-wide resources.
 */
const noNamespace = `kubectl-mesh-${'x'.repeat(64)}`

/**
 * Returns those of some permissions that the current user has according to its rules (SelfSubjectRulesReview): one request for
 * each namespace, and one for the cluster. The rest has to be asked for one by one, because other authorizers than RBAC
 * may grant it.
 *
 * @throws ApiError other than a refusal of rules reviews, UnreachableError
 */
export async function grantedByRules(cluster: Cluster, rights: readonly Right[]): Promise<Set<Right>> {
  const places = [...Map.groupBy(rights, ({namespace}) => namespace)].filter(([, own]) => own.length >= reviewFrom)
  const granted = await Promise.all(
    places.map(async ([namespace, own]) => {
      const rules = await readRules(cluster, namespace ?? noNamespace)
      return own.filter(right => covers(rules, right))
    }),
  )
  return new Set(granted.flat())
}

/** Returns whether rules of RBAC grant a permission (Kubernetes, pkg/apis/rbac/v1/evaluation_helpers.go, 1.36). */
export function covers(rules: readonly GrantedRule[], {verb, group, resource, name}: Right): boolean {
  const [, subresource] = resource.split('/', 2)
  const resources = ['*', resource, ...(subresource === undefined ? [] : [`*/${subresource}`])]
  return rules.some(
    rule =>
      hasAny(rule.verbs, ['*', verb]) &&
      hasAny(rule.apiGroups, ['*', group]) &&
      hasAny(rule.resources, resources) &&
      ((rule.resourceNames ?? []).length === 0 || (name !== undefined && hasAny(rule.resourceNames, [name]))),
  )
}

function hasAny(values: readonly string[] | null | undefined, accepted: readonly string[]): boolean {
  return (values ?? []).some(value => accepted.includes(value))
}

async function readRules(cluster: Cluster, namespace: string): Promise<readonly GrantedRule[]> {
  try {
    const review = await cluster.create('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: {namespace},
    })
    return (review.status as {resourceRules?: GrantedRule[] | null} | undefined)?.resourceRules ?? []
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return []
    throw error
  }
}
