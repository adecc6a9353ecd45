import fc from 'fast-check'
import {expect, test} from 'vitest'
import {vmRegisterFields} from '../../../src/features/vm/spec.ts'
import {validateVmRegister} from '../../../src/features/vm/spec-validation.ts'
import {flagsFor, readSpec} from '../../../src/spec/read.ts'
import {formatSettings, parseSettings, riskyChanges} from '../../../src/spec/settings.ts'
import {readRegistration, validInput} from './spec-support.ts'

test('reports invalid values of several flags together, in the order of the fields', () => {
  expect(() => readRegistration({addresses: ['10.0.0.300'], ports: ['http:99999']})).toThrow(
    /^--address 10.0.0.300 is not an IP address or host name\n--port http:99999: the port must be between 1 and 65535$/,
  )
})

test.each([
  [{tokenDuration: '9m'}, /is shorter than 10m/],
  [{weight: '0'}, /is not an integer greater than 0/],
  [{labels: ['a b=c']}, /--label/],
  [{name: 'Web'}, /^NAME Web is not a DNS label/],
])('rejects %j', (raw, why) => expect(() => readRegistration(raw)).toThrow(why))

test('the flags of a Spec give the same Spec', () => {
  const keyOfFlag = new Map(Object.entries(vmRegisterFields).map(([key, {flag}]) => [flag, key]))
  fc.assert(
    fc.property(validInput, input => {
      const spec = readRegistration(input)
      const [name, ...words] = flagsFor(vmRegisterFields, spec)
      const raw: Record<string, string | string[] | boolean> = {name: name!}
      for (let at = 0; at < words.length; at++) {
        const flag = words[at]!.slice(2)
        if (flag.startsWith('no-')) raw[keyOfFlag.get(flag.slice(3))!] = false
        else {
          const key = keyOfFlag.get(flag)!
          const field = vmRegisterFields[key as keyof typeof vmRegisterFields]
          if (field.kind === 'switch') raw[key] = true
          else if (field.kind === 'list') raw[key] = [...((raw[key] as string[]) ?? []), words[++at]!]
          else raw[key] = words[++at]!
        }
      }
      expect(readSpec(vmRegisterFields, raw, validateVmRegister)).toEqual(spec)
    }),
  )
})

test('stored settings give the same Spec; names and places are not stored', () => {
  const {name, namespace, systemNamespace} = readRegistration()
  fc.assert(
    fc.property(validInput, raw => {
      const spec = readRegistration(raw)
      const stored = parseSettings(vmRegisterFields, formatSettings(vmRegisterFields, spec))
      expect(readSpec(vmRegisterFields, {...stored, name, namespace, systemNamespace})).toEqual(spec)
    }),
  )
  expect(formatSettings(vmRegisterFields, readRegistration({weight: '2', systemNamespace: 'mesh'}))).toBe(
    '{"serviceAccount":"web","weight":2}',
  )
})

test.each<[object, object, string[]]>([
  [{}, {}, []],
  [{serviceAccount: 'a'}, {serviceAccount: 'b'}, ['the identity of the VM will be service account b instead of a']],
  [{tokenDuration: '1h'}, {tokenDuration: '48h'}, ['tokens of the VM will be valid for 48h instead of 1h']],
  [{tokenDuration: '48h'}, {tokenDuration: '1h'}, []],
  [
    {labels: ['app=a']},
    {labels: ['version=v1']},
    ['the hosts of the VM will select workloads with app=NAME of the VM instead of app=a'],
  ],
  [{labels: ['app=a']}, {labels: ['app=a', 'version=v1']}, []],
])('after %j, %j changes %j', (before, after, texts) => {
  const stored = parseSettings(vmRegisterFields, formatSettings(vmRegisterFields, readRegistration(before)))
  const input = {requested: after, stored, reset: [], complete: false}
  expect(riskyChanges(vmRegisterFields, input, readRegistration(after)).map(({text}) => text)).toEqual(texts)
})
