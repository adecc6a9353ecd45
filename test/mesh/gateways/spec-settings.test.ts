import {expect, test} from 'vitest'
import {gatewaySettings, isSettingName} from '../../../src/mesh/gateways/spec-settings.ts'

test('the names of all settings differ', () => {
  const flags = Object.values(gatewaySettings).map(({flag}) => flag)
  expect(new Set(flags).size).toBe(flags.length)
  expect(isSettingName('nodePorts')).toBe(true)
  expect(isSettingName('node-port')).toBe(false)
  expect(isSettingName('toString')).toBe(false)
})

test('a value is added to those before it', () => {
  expect(gatewaySettings.tolerations.add(['a'] as never, 'dedicated=edge:NoExecute')).toEqual([
    'a',
    'dedicated=edge:NoExecute',
  ])
  expect(gatewaySettings.type.add('NodePort' as never, 'NodePort')).toBe('NodePort')
  expect(gatewaySettings.name.add(undefined as never, 'istio-crossnetwork')).toBe('istio-crossnetwork')
  expect(() => gatewaySettings.name.add(undefined as never, 'a'.repeat(48))).toThrow('at most 47')
  expect(() => gatewaySettings.annotations.add({a: '1'} as never, 'a=2')).toThrow('sets annotation a twice')
})
