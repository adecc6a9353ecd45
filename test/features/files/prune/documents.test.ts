import {expect, test} from 'vitest'
import {titleOf} from '../../../../src/features/files/kind.ts'
import {inOrder, precedes} from '../../../../src/features/files/order.ts'
import {prunedDocument, unselectedLines} from '../../../../src/features/files/prune/documents.ts'
import {meshKinds} from '../../../../src/kinds/kinds.ts'
import type {Raw} from '../../../../src/spec/field.ts'
import {documentOf} from '../samples.ts'

/** The document that removes what an exported one has, except the parts of some contexts or names. */
async function prunedOf(name: string, raw: Record<string, Raw>, kept: readonly string[] = []) {
  const kind = await meshKinds[name]!()
  const removal = kind.removal!
  const parts = removal.partsOf(raw, 'east')
  const [gone, others] = [false, true].map(is => parts.filter(part => kept.includes(part.name) === is))
  return prunedDocument(kind, removal, {context: 'east', raw}, gone!, others!)
}

test.each<[string, Record<string, Raw>, Record<string, Raw>, string]>([
  ['Tenant', {name: 'shop', namespaces: ['a']}, {name: 'shop'}, 'tenant remove'],
  [
    'VirtualMachine',
    {name: 'db', namespace: 'vm', systemNamespace: 'm'},
    {name: 'db', namespace: 'vm', systemNamespace: 'm'},
    'vm remove',
  ],
  ['ExternalAuthorizer', {name: 'opa', systemNamespace: 'm'}, {name: 'opa', systemNamespace: 'm'}, 'authz detach'],
  [
    'IngressGateway',
    {name: 'edge', namespace: 'e', systemNamespace: 'm'},
    {name: 'edge', namespace: 'e', systemNamespace: 'm'},
    'ingress remove',
  ],
  [
    'IngressTls',
    {host: 'a.test', namespace: 'e', systemNamespace: 'm', cert: 'x'},
    {host: 'a.test', namespace: 'e', systemNamespace: 'm'},
    'ingress tls --remove',
  ],
  ['ControlPlane', {systemNamespace: 'm', via: 'sail'}, {systemNamespace: 'm', revision: undefined}, 'install remove'],
])('%s: the input of its removal', async (name, exported, raw, command) => {
  const document = await prunedOf(name, exported)
  expect(document).toMatchObject({context: 'east', pruned: true, kind: {kind: name, command}})
  expect(document.raw).toEqual(raw)
  expect(titleOf(document)).toMatch(/ \(no longer in the files\)$/)
})

test('a cluster leaves a federation, and the others stay', async () => {
  const raw = {contexts: ['east', 'west', 'south'], systemNamespace: 'm'}
  const document = await prunedOf('Federation', raw, ['east', 'west'])
  expect(document).toMatchObject({
    name: 'south',
    context: undefined,
    raw: {contexts: ['south'], from: ['east', 'west'], systemNamespace: 'm'},
  })
})

test('a cluster that spec.clusters no longer selects stays, with the command that removes it', async () => {
  const raw = {contexts: ['east', 'west', 'south'], systemNamespace: 'm'}
  const gone = [await prunedOf('Federation', raw, ['east', 'west'])]
  expect(unselectedLines([{spec: {contexts: ['east', 'west']}}], gone)).toEqual([])
  const selecting = [{spec: {clusters: {from: 'capi://mgmt/fleet', matchLabels: {}}}}]
  expect(unselectedLines(selecting, [])).toEqual([])
  expect(unselectedLines(selecting, gone, '--clusters-from capi://mgmt/fleet')).toEqual([
    'warning: Federation south stays: the files select clusters by labels, and --prune removes none that is no longer selected',
    'hint:    to remove: kubectl mesh federate remove --clusters-from capi://mgmt/fleet --contexts south --from east,west',
  ])
})

test('one of several add-ons', async () => {
  const document = await prunedOf('Addons', {names: ['kiali', 'loki'], systemNamespace: 'm'}, ['kiali'])
  expect(document.raw).toEqual({names: ['loki'], systemNamespace: 'm'})
})

test('removals follow all other documents of their clusters, in the opposite order', async () => {
  const gateway = await prunedOf('IngressGateway', {name: 'edge', namespace: 'e', systemNamespace: 'm'})
  const tls = await prunedOf('IngressTls', {host: 'a.test', namespace: 'e', systemNamespace: 'm'})
  const vm = documentOf(await meshKinds.VirtualMachine!(), 'db')
  expect(inOrder([gateway, tls, vm])).toEqual([vm, tls, gateway])
  expect(precedes({...vm, context: 'west'}, gateway)).toBe(false)
})
