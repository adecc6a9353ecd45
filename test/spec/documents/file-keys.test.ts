import {expect, test} from 'vitest'
import {lineForFile, namedKeys, withFileKeys} from '../../../src/spec/documents/file-keys.ts'
import {switchField, textField} from '../../../src/spec/field.ts'

const check = () => undefined
const fields = {
  name: {...textField({flag: 'name', about: 'name', valueName: 'NAME', check}), argument: true as const},
  systemNamespace: textField({flag: 'system-namespace', about: 'namespace', valueName: 'NS', check}),
  system: switchField({flag: 'system', about: 'system'}),
}

test.each([
  ['--system-namespace istio-2 changes that control plane', 'spec.systemNamespace istio-2 changes that control plane'],
  ['set --system, or NAME', 'set spec.system, or spec.name'],
  ['--other-system and --system-x stay', '--other-system and --system-x stay'],
  ['--cluster CTX=NAME', '--cluster CTX=NAME'],
])('%s', (text, expected) => expect(withFileKeys(text, fields)).toBe(expected))

test('a command line keeps its flags', () => {
  const hint = 'to remove it: kubectl mesh tenant remove NAME --system-namespace x'
  expect(lineForFile(hint, fields)).toBe(hint)
  expect(lineForFile('add --system', fields)).toBe('add spec.system')
})

test('keys in the order of the message; a kind without fields has none', () => {
  expect(namedKeys('--system conflicts with NAME', fields)).toEqual(['system', 'name'])
  expect([namedKeys('--system', {}), withFileKeys('--system', {})]).toEqual([[], '--system'])
})
