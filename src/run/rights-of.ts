import {knownResource} from '../engine/cluster/resources.ts'
import {distinctRights, type Right, rightsFor} from '../engine/kubernetes/access-rules.ts'
import type {ApplySet} from '../engine/kubernetes/applyset.ts'
import {type Change, targetOf} from '../engine/kubernetes/change.ts'
import {groupOf, type KubernetesObject, type ObjectRef} from '../engine/kubernetes/object.ts'

const rbac = 'rbac.authorization.k8s.io'

/**
 * The verbs of a change, with those that compare it. A server-side apply that creates an object needs both verbs of a write
 * (Kubernetes documentation, server-side apply, 1.36).
 */
const verbs = {
  apply: ['get', 'list', 'create', 'patch'],
  edit: ['get', 'list', 'patch'],
  create: ['get', 'list', 'create', 'patch'],
  remove: ['get', 'list', 'delete'],
} as const

/**
 * Returns the permissions that changes need, each once. RBAC also requires that a user who creates a role holds what the role
 * grants, so that is included.
 */
export function rightsOf(changes: readonly Change[]): Right[] {
  return distinctRights(changes.flatMap(change => [...rightsForChange(change), ...grantedBy(change, changes)]))
}

function rightsForChange(change: Change): Right[] {
  const action = change.action === 'edit' && change.create ? 'create' : change.action
  return verbs[action].flatMap(verb => rightTo(verb, targetOf(change)))
}

function rightTo(verb: string, {apiVersion, kind, namespace}: ObjectRef): Right[] {
  const resource = knownResource({apiVersion, kind})
  if (!resource) return []
  const where = resource.namespaced && namespace !== undefined ? {namespace} : {}
  return [{verb, group: groupOf(apiVersion), resource: resource.plural, ...where}]
}

/** What the escalation check of RBAC requires for a role or a binding (Kubernetes documentation, RBAC, 1.36). */
function grantedBy(change: Change, all: readonly Change[]): Right[] {
  if (change.action !== 'apply') return []
  const {object} = change
  if (groupOf(object.apiVersion) !== rbac) return []
  if (object.kind === 'Role' || object.kind === 'ClusterRole') return rightsInRules(object)
  const {kind = '', name = ''} = (object.roleRef ?? {}) as {kind?: string; name?: string}
  // The role of a binding that this run creates is checked itself.
  const isCreated = all.some(
    other => other !== change && targetOf(other).kind === kind && targetOf(other).name === name,
  )
  const resource = kind === 'Role' ? 'roles' : 'clusterroles'
  return isCreated ? [] : [{verb: 'bind', group: rbac, resource, name, ...placeOf(object)}]
}

function placeOf({metadata: {namespace}}: KubernetesObject): {namespace?: string} {
  return namespace === undefined ? {} : {namespace}
}

interface Rule {
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  verbs?: string[]
}

function rightsInRules(role: KubernetesObject): Right[] {
  const place = placeOf(role)
  return ((role.rules ?? []) as Rule[]).flatMap(({apiGroups = [], resources = [], resourceNames = [], verbs = []}) =>
    apiGroups.flatMap(group =>
      resources.flatMap(resource =>
        verbs.flatMap(verb =>
          (resourceNames.length === 0 ? [undefined] : resourceNames).map(
            (name): Right => ({verb, group, resource, ...place, ...(name === undefined ? {} : {name})}),
          ),
        ),
      ),
    ),
  )
}

/** How a command uses the members of a set. */
export interface SetUse {
  /** Verbs of the writes. */
  verbs?: readonly string[]
  /** Namespace of the members with a namespace (default: that of the set); `all` if it is known only from the record. */
  namespace?: string | 'all'
}

/** Returns the permissions to find the members of a set, and to write them and the record of the set. */
export function rightsOfSet(set: ApplySet, {verbs = [], namespace = set.namespace}: SetUse = {}): Right[] {
  const where = set.inNamespace ? {namespace: set.namespace} : {}
  const members = set.kinds.flatMap(({apiVersion, kind}) => {
    const place = namespace === 'all' ? {} : {namespace}
    const write = verbs.flatMap(verb => rightTo(verb, {apiVersion, kind, name: '', ...place}))
    const reads = ['get', 'list'].flatMap(verb => rightTo(verb, {apiVersion, kind, name: '', ...where}))
    return [...reads, ...write]
  })
  const record = verbs.length === 0 ? ['get', 'list'] : ['get', 'list', 'create', 'patch', 'delete']
  return [...members, ...rightsFor(record, ['configmaps'], set.namespace), ...proofReads]
}

/** A record counts only in a namespace that a cluster-wide object shows to be a system namespace. */
export const proofReads: readonly Right[] = [
  ...rightsFor(['get'], ['clusterroles.rbac.authorization.k8s.io']),
  ...rightsFor(
    ['list'],
    ['clusterrolebindings.rbac.authorization.k8s.io', 'mutatingwebhookconfigurations.admissionregistration.k8s.io'],
  ),
]
