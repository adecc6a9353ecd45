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
  resourceNames?: string[]
  verbs: string[]
}

/** Returns permissions without duplicates. One in all namespaces includes that in one, and one for all names that for one. */
export function distinctRights(rights: readonly Right[]): Right[] {
  const keyOf = ({verb, group, resource, namespace = '', name = ''}: Right) =>
    [verb, group, resource, namespace, name].join(' ')
  const all = new Map(rights.map(right => [keyOf(right), right]))
  const isIncluded = (right: Right): boolean => {
    const {name: _name, ...anyName} = right
    const {namespace: _namespace, ...anywhere} = right
    const {namespace: _both, ...anything} = anyName
    return [anyName, anywhere, anything].some(wider => keyOf(wider) !== keyOf(right) && all.has(keyOf(wider)))
  }
  return [...all.values()].filter(right => !isIncluded(right))
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

/** One rule per API group, set of verbs and name. */
function rulesFor(rights: readonly Right[]): PolicyRule[] {
  const resources = Map.groupBy(rights, ({group, resource, name = ''}) => `${group} ${resource} ${name}`)
  const verbs = [...resources.values()].map(same => ({...same[0]!, verbs: [...new Set(same.map(({verb}) => verb))]}))
  const rules = Map.groupBy(verbs, one => `${one.group} ${one.verbs.join()} ${one.name ?? ''}`)
  return [...rules.values()].map(same => {
    const {group, name, verbs: all} = same[0]!
    const names = name === undefined ? {} : {resourceNames: [name]}
    return {apiGroups: [group], resources: same.map(({resource}) => resource), ...names, verbs: all}
  })
}

function textOf({apiGroups: [group], resources, resourceNames = [], verbs}: PolicyRule): string {
  const names = resources.map(resource => (group ? `${resource}.${group}` : resource))
  const only = resourceNames.length > 0 ? ` ${resourceNames.join(', ')}` : ''
  return `${verbs.join(' and ')} ${names.join(', ')}${only}`
}
