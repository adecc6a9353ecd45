import {expect, test} from 'vitest'
import type {Right} from '../../src/engine/kubernetes/access-rules.ts'
import type {Change} from '../../src/engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {rightsOf, rightsOfSet} from '../../src/run/rights-of.ts'

const rbac = 'rbac.authorization.k8s.io'
const apply = (object: KubernetesObject): Change => ({action: 'apply', cluster: 'east', wave: 10, object})
const namespace = 'shop'
const textOf = ({verb, group, resource, namespace = '', name = ''}: Right) =>
  [verb, group ? `${resource}.${group}` : resource, namespace, name].join(' ').trimEnd()

test('a change needs the verbs of its write, and those that compare it', () => {
  const target = {apiVersion: 'v1', kind: 'Namespace', name: 'shop'}
  const changes: Change[] = [
    {action: 'edit', cluster: 'east', wave: 10, target, edits: []},
    {action: 'edit', cluster: 'east', wave: 10, target, edits: [], create: true},
    {action: 'remove', cluster: 'east', wave: 10, target: {apiVersion: 'v1', kind: 'Secret', name: 'a', namespace}},
  ]
  expect(rightsOf(changes).map(textOf)).toEqual([
    ...['get', 'list', 'patch', 'create'].map(verb => `${verb} namespaces`),
    ...['get', 'list', 'delete'].map(verb => `${verb} secrets shop`),
  ])
})

test('whoever creates a role must hold what it grants, and may bind only an existing role with the verb bind', () => {
  const rules = [{apiGroups: [''], resources: ['pods'], resourceNames: ['web'], verbs: ['get', 'watch']}]
  const binding = (kind: string, name: string) =>
    apply({apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: {name, namespace}, roleRef: {kind, name}})
  const all = rightsOf([
    apply({apiVersion: `${rbac}/v1`, kind: 'Role', metadata: {name: 'own', namespace}, rules}),
    binding('Role', 'own'),
    binding('ClusterRole', 'view'),
  ]).map(textOf)
  expect(all).toContain('get pods shop web')
  expect(all).toContain('watch pods shop web')
  expect(all.filter(text => text.startsWith('bind'))).toEqual([`bind clusterroles.${rbac} shop view`])
})

test('the members of a set are searched in all namespaces, and written in one', () => {
  const set = {name: 'kubectl-mesh-x', namespace: 'istio-system', kinds: [{apiVersion: 'v1', kind: 'Secret'}]}
  expect(rightsOfSet(set).map(textOf)).toEqual([
    'get secrets',
    'list secrets',
    'get configmaps istio-system',
    'list configmaps istio-system',
    // What proves that the namespace of the record is a system namespace.
    `get clusterroles.${rbac}`,
    `list clusterrolebindings.${rbac}`,
    'list mutatingwebhookconfigurations.admissionregistration.k8s.io',
  ])
  expect(rightsOfSet({...set, inNamespace: true}).map(textOf)).toContain('list secrets istio-system')
  expect(rightsOfSet(set, {verbs: ['delete'], namespace}).map(textOf)).toContain('delete secrets shop')
  expect(rightsOfSet(set, {verbs: ['delete'], namespace: 'all'}).map(textOf)).toContain('delete secrets')
})
