import {expect, test} from 'vitest'
import type {Apply, Change, Edit} from '../../../src/engine/kubernetes/change.ts'
import {editObject} from '../../../src/engine/plan/edit.ts'
import {mountsSecret} from '../../../src/istio/kiali.ts'
import {buildKialiReader, buildKialiSecrets, kialiMountEdit} from '../../../src/mesh/kiali/objects.ts'
import {kialiDeployment} from './samples.ts'

const place = {cluster: 'west', systemNamespace: 'istio-system'}
const nameOf = ({object}: Apply) => `${object.kind}/${object.metadata.name}`

test('the account may only read, except for port-forwards and reviews of tokens', () => {
  const changes = buildKialiReader(place, {peer: 'east', bound: false, reader: 'kiali'})
  expect(changes.map(nameOf)).toEqual([
    'ServiceAccount/kiali-remote-access',
    'ClusterRole/kiali-remote-access-istio-system',
    'ClusterRoleBinding/kiali-remote-access-istio-system',
    'Secret/kiali-remote-token-east',
  ])
  const rules = changes[1]!.object.rules as {resources: string[]; verbs: string[]}[]
  const writes = rules.filter(({verbs}) => verbs.some(verb => !['get', 'list', 'watch'].includes(verb)))
  expect(writes.flatMap(({resources}) => resources)).toEqual(['pods/portforward', 'tokenreviews'])
  expect(rules.flatMap(({resources}) => resources)).not.toContain('secrets')
  expect(changes[3]!.object).toMatchObject({
    type: 'kubernetes.io/service-account-token',
    metadata: {
      annotations: {'kubernetes.io/service-account.name': 'kiali-remote-access', 'kubectl-mesh.io/peer': 'east'},
    },
  })
})

test('a short-lived token is bound to a Secret with another name', () => {
  const [, , , token] = buildKialiReader(place, {peer: 'east', bound: true, reader: 'kiali', slot: '2'})
  expect(token!.object).toMatchObject({
    type: 'kubectl-mesh.io/bound-token',
    metadata: {name: 'kiali-remote-bound-token2-east'},
  })
})

test('Kiali finds a Secret by its label, and the cluster by its key', () => {
  const [known, unknown] = buildKialiSecrets('east', 'obs', [
    {target: 'west', kubeconfig: 'text'},
    {target: 'south', kubeconfig: undefined},
  ])
  expect(known!.object).toMatchObject({
    metadata: {
      ...{name: 'kiali-remote-cluster-secret-west', namespace: 'obs'},
      labels: {'kiali.io/multiCluster': 'true'},
      annotations: {'kiali.io/cluster': 'west'},
    },
    data: {west: Buffer.from('text').toString('base64')},
  })
  expect([known!.pending, unknown!.pending]).toEqual([undefined, 'the credential for south is created during apply'])
})

const apply = (changes: Change[], object = kialiDeployment()) =>
  editObject(object, (changes[0] as Edit).edits, 'kubectl-mesh')

test('mounts are added once, beside those of others, and removed without a trace', () => {
  const other = kialiDeployment([{name: 'x'}], [{name: 'x', mountPath: '/x'}])
  const secrets = ['kiali-remote-cluster-secret-west', 'kiali-remote-cluster-secret-south']
  const added = apply(kialiMountEdit('east', other, secrets, 'add'), other)
  for (const secret of secrets) expect(mountsSecret(added.merged, secret)).toBe(true)
  expect(apply(kialiMountEdit('east', added.merged, secrets, 'add'), added.merged).patch).toBeUndefined()
  const removed = apply(kialiMountEdit('east', added.merged, secrets, 'remove'), added.merged)
  expect(removed.merged).toEqual(other)
})

test('the patch contains whole lists', () => {
  const [edit] = kialiMountEdit('east', kialiDeployment(), ['kiali-remote-cluster-secret-west'], 'add')
  const {patch} = apply([edit!])
  expect(patch).toMatchObject({spec: {template: {spec: {containers: [{name: 'kiali'}], volumes: [{name: 'c'}, {}]}}}})
})

test('without Secrets, nothing is edited', () => {
  expect(kialiMountEdit('east', kialiDeployment(), [], 'add')).toEqual([])
})
