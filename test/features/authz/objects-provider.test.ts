import {expect, test} from 'vitest'
import {editObject} from '../../../src/engine/plan/edit.ts'
import {
  buildProviderEdit,
  buildProviderRemoval,
  hasProvider,
  undoOfProvider,
} from '../../../src/features/authz/objects-provider.ts'
import {textAfter} from '../../support/edits.ts'

const map = {cluster: 'east', namespace: 'istio-system', name: 'istio', shared: false}
const provider = {name: 'ext', envoyExtAuthzGrpc: {service: 'a.b', port: 1}}
const before = 'a: 1 # keep\n'
const after = `${before}extensionProviders:\n- name: ext\n  envoyExtAuthzGrpc:\n    service: a.b\n    port: 1\n`

test('adding and removing a provider change nothing else of the mesh config', () => {
  const edited = (text: string, {edits}: ReturnType<typeof buildProviderEdit>) => {
    const live = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'istio'}, data: {mesh: text}}
    return (editObject(live, edits, 'm').merged.data as {mesh: string}).mesh
  }
  expect(edited(before, buildProviderEdit(map, provider))).toBe(after)
  expect(edited(after, buildProviderRemoval(map, 'ext'))).toBe(before)
  expect([hasProvider(after, 'ext'), hasProvider(after, 'other'), hasProvider(before, 'ext')]).toEqual([
    true,
    false,
    false,
  ])
})

test('fields that others have added to the provider are kept', () => {
  const live = after.replace('    port: 1\n', '    port: 2\n    failOpen: true\n    statusOnError: "503"\n')
  const text = textAfter(buildProviderEdit(map, provider), live)!
  expect(text).toContain('statusOnError')
  expect(text).toContain('port: 1')
  expect(text).not.toContain('failOpen')
  expect(textAfter(buildProviderEdit(map, provider), text)).toBe(text)
})

test('the durable way is another --via', () => {
  const {ifReverted} = buildProviderEdit(map, provider)
  const manager = {name: 'Argo CD', when: 'later', tool: 'argo-cd' as const}
  expect(ifReverted?.instead(manager)).toEqual(['--via helm-values prints the values to set where Argo CD reads them'])
  expect(ifReverted?.instead({...manager, owner: 'sailoperator.io/v1'})).toEqual([
    '--via sail prints the patch of the resource Istio',
  ])
})

test('only a shared mesh config is created', () => {
  expect(buildProviderEdit({...map, shared: true}, provider).create).toBe(true)
  expect(buildProviderEdit(map, provider).create).toBeUndefined()
  expect(buildProviderRemoval({...map, shared: true}, 'ext').create).toBeUndefined()
})

test.each([
  'extensionProviders: []\na: 1\n',
  'extensionProviders: [] # none\n',
  'extensionProviders: # ours\n# next\nb: 2\n',
  '{a: 1, extensionProviders: [ ]}',
  'extensionProviders:\n    - name:   o # x\n\n      prometheus: {}\n\n# end\nb: 1',
  'a: 1\r\n# c\r\n',
  '',
])('removing the provider restores the mesh config %j byte for byte', text => {
  const undo = undoOfProvider(text, provider, undefined)
  const attached = textAfter(buildProviderEdit(map, provider), text)!
  expect(textAfter(buildProviderRemoval(map, 'ext', undo), attached)).toBe(text)
  // A second run with another timeout stores how to return to the same text.
  const other = {name: 'ext', envoyExtAuthzGrpc: {service: 'b', port: 2}}
  const again = undoOfProvider(attached, other, undo)
  const updated = textAfter(buildProviderEdit(map, other), attached)!
  expect(textAfter(buildProviderRemoval(map, 'ext', again), updated)).toBe(text)
  // Lines that others have changed elsewhere stay.
  if (!text.startsWith('{'))
    expect(textAfter(buildProviderRemoval(map, 'ext', undo), `# new\n${attached}`)).toBe(`# new\n${text}`)
})
