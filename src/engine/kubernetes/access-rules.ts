import type {Problem} from '../../errors.ts'

/** A permission that RBAC can grant. */
export interface Right {
  /** `get`, `create`, `patch`, … */
  verb: string
  /** '' for the core group. */
  group: string
  /** `secrets`, or with a subresource: `serviceaccounts/token`. */
  resource: string
  /** Omitted: all namespaces, or a cluster-scoped resource. */
  namespace?: string
  /** Omitted: all names. */
  name?: string
}

/**
 * Returns permissions.
 *
 * @param resources `secrets`, or with their group: `deployments.apps`
 * @param namespace undefined for all namespaces, and for cluster-scoped resources
 */
export function rightsFor(verbs: readonly string[], resources: readonly string[], namespace?: string): Right[] {
  const where = namespace === undefined ? {} : {namespace}
  return resources.flatMap(text => {
    const [resource = '', ...group] = text.split('.')
    return verbs.map(verb => ({verb, group: group.join('.'), resource, ...where}))
  })
}

/** A rule of a Role or ClusterRole (rbac.authorization.k8s.io/v1). */
interface PolicyRule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
}

/**
 * Returns missing permissions as one problem per namespace, and one for the cluster, each with the rules that grant them.
 *
 * @param denied the permissions that the current user lacks
 */
export function missingRights(denied: readonly Right[]): Problem[] {
  return [...Map.groupBy(denied, ({namespace}) => namespace)].map(([namespace, rights]) => {
    const rules = rulesFor(rights)
    const where = namespace === undefined ? '' : ` in namespace ${namespace}`
    const role = namespace === undefined ? 'ClusterRole' : 'Role'
    return {
      message: `you may not ${rules.map(textOf).join('; ')}${where}`,
      hints: [`a ${role}${where} with these rules grants it: ${JSON.stringify(rules)}`],
    }
  })
}

/** One rule per API group and set of verbs. */
function rulesFor(rights: readonly Right[]): PolicyRule[] {
  const resources = Map.groupBy(rights, ({group, resource}) => `${group} ${resource}`)
  const verbs = [...resources.values()].map(same => ({...same[0]!, verbs: [...new Set(same.map(({verb}) => verb))]}))
  const rules = Map.groupBy(verbs, one => `${one.group} ${one.verbs.join()}`)
  return [...rules.values()].map(same => ({
    apiGroups: [same[0]!.group],
    resources: same.map(({resource}) => resource),
    verbs: same[0]!.verbs,
  }))
}

function textOf({apiGroups: [group], resources, verbs}: PolicyRule): string {
  const names = resources.map(resource => (group ? `${resource}.${group}` : resource))
  return `${verbs.join(' and ')} ${names.join(', ')}`
}
