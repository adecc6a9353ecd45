import type {Api} from '../servers/api.ts'
import {type Access, untilAllowed} from './allowed.ts'
import type {ProgramResult} from './program.ts'

/** A rule of a Role or ClusterRole. */
export interface Rule {
  apiGroups: string[]
  resources: string[]
  resourceNames?: string[]
  verbs: string[]
}

/** The rules that the hints of a failed command propose, by namespace; '' for the cluster. */
export function proposedBy({stderr, stdout}: ProgramResult): Map<string, Rule[]> {
  // A report with one row per cluster indents its hints.
  const hint = /^ *hint: +a (?:ClusterRole|Role in namespace (\S+)) with these rules grants it: (.*)$/gm
  const found = `${stderr}\n${stdout}`.matchAll(hint)
  const all = [...found].map(([, namespace = '', json]) => [namespace, JSON.parse(json!) as Rule[]] as const)
  return new Map(
    [...Map.groupBy(all, ([namespace]) => namespace)].map(([at, rules]) => [at, rules.flatMap(([, r]) => r)]),
  )
}

/** Grants rules to a user with RBAC: a role and a binding per namespace, or for the cluster. */
export async function grant(apis: readonly Api[], user: string, rules: ReadonlyMap<string, Rule[]>): Promise<void> {
  const apiGroup = 'rbac.authorization.k8s.io'
  const apiVersion = `${apiGroup}/v1`
  for (const api of apis)
    for (const [namespace, list] of rules) {
      if (namespace !== '') await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
      const [kind, scope] = namespace === '' ? ['ClusterRole', {}] : ['Role', {namespace}]
      const metadata = {name: user, ...scope}
      await api.apply({apiVersion, kind, metadata, rules: list})
      const subjects = [{kind: 'User', name: user, apiGroup}]
      const roleRef = {apiGroup, kind, name: user}
      await api.apply({apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects})
      for (const rule of list) await untilAllowed(api, user, {...accessIn(rule), ...scope})
    }
}

/** One of the things that a rule permits. */
function accessIn({apiGroups, resources, resourceNames, verbs}: Rule): Access {
  const [resource = '', subresource] = resources.at(-1)!.split('/')
  const [group, verb, name] = [apiGroups.at(-1)!, verbs.at(-1)!, resourceNames?.at(-1)]
  return {
    group,
    verb,
    resource,
    ...(subresource === undefined ? {} : {subresource}),
    ...(name === undefined ? {} : {name}),
  }
}
