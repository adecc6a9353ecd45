import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {clusterServiceOf, vmRegisterFields, vmRegisterProblems} from '../../../src/features/vm/spec.ts'
import {recallVm, rememberVm} from '../../../src/features/vm/spec-memory.ts'
import {flagsFor, readSpec} from '../../../src/spec/read.ts'

const least = {name: 'web', namespace: 'vm', serviceAccount: 'web'}
const read = (raw: object) => readSpec(vmRegisterFields, {...least, ...raw}, vmRegisterProblems)

test('all that is missing is told at once', () => {
  const missing = () => readSpec(vmRegisterFields, {}, vmRegisterProblems)
  expect(missing).toThrow(/NAME is missing.*\n--namespace is missing\n--service-account is missing/)
})

test('wrong values of several flags are told at once, in the order of screens.md', () => {
  expect(() => read({addresses: ['10.0.0.300'], ports: ['http:99999']})).toThrow(
    /^--address 10.0.0.300 is not an IP address or host name\n--port http:99999: a port is 1–65535$/,
  )
})

test.each([
  [{ports: 'http:80,http:81'}, /--port has the name http twice/],
  [{ports: 'a:80,b:80'}, /--port has the number 80 twice/],
  [{addresses: '10.0.0.1,10.0.0.1'}, /--address names 10.0.0.1 twice/],
  [{hosts: 'a.b'}, /--host needs a --port/],
  [{hosts: 'a.b,a.b', ports: 'http:80'}, /--host names a.b twice/],
  [{autoRegister: true, addresses: '10.0.0.1,10.0.0.2'}, /--auto-register registers one address/],
  [{autoRegister: true, addresses: 'db.example.com'}, /needs an IP address/],
  [{hosts: 'web.other.svc', ports: 'http:80'}, /Service of namespace other/],
  [{tokenDuration: '9m'}, /is shorter than 10m/],
  [{weight: '0'}, /is not a number from 1/],
  [{labels: ['a b=c']}, /--label/],
  [{name: 'Web'}, /^NAME Web is not a DNS label/],
])('%j is refused', (raw, why) => expect(() => read(raw)).toThrow(why))

describe('clusterServiceOf', () => {
  test.each([
    ['web.vm.svc', {name: 'web', namespace: 'vm'}],
    ['web.vm.svc.cluster.local', {name: 'web', namespace: 'vm'}],
    ['web.vm.svc.example.com', undefined],
    ['web.vm', undefined],
    ['web', undefined],
    ['web.example.com', undefined],
  ])('%s', (host, service) => expect(clusterServiceOf(host, 'cluster.local')).toEqual(service))
})

/** Anything that flags can say and that is right. */
const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,12}[a-z0-9])?$/)
const raws = fc.record(
  {
    labels: fc.dictionary(label, fc.stringMatching(/^[a-z0-9]{0,5}$/), {maxKeys: 3}),
    ports: fc
      .uniqueArray(fc.tuple(label, fc.integer({min: 1, max: 65_535})), {
        selector: ([name]) => name,
        maxLength: 3,
        minLength: 1,
      })
      .map(pairs => [...new Map(pairs.map(([name, number]) => [number, `${name}:${number}`])).values()]),
    addresses: fc.uniqueArray(
      fc.oneof(
        fc.ipV4(),
        fc.ipV6(),
        label.map(name => `${name}.example.com`),
      ),
      {maxLength: 3},
    ),
    network: label,
    locality: fc.constantFrom('r', 'r/z', 'r/z/s'),
    weight: fc.integer({min: 1, max: 1000}).map(String),
    probe: fc.constantFrom('http:80/x', 'tcp:81', 'exec:/bin/true now'),
    captureDns: fc.boolean(),
    tokenDuration: fc.constantFrom('10m', '1h', '36h', '90m', '601s'),
    revision: label,
    format: fc.constantFrom('files', 'script'),
  },
  {requiredKeys: []},
)

test('what is remembered says the same Spec again', () => {
  fc.assert(
    fc.property(raws, raw => {
      expect(readSpec(vmRegisterFields, recallVm(rememberVm(read(raw)))!)).toEqual(read(raw))
    }),
  )
})

test('the command line that is told says the same Spec again', () => {
  fc.assert(
    fc.property(raws, raw => {
      const spec = read(raw)
      const [name, ...words] = flagsFor(vmRegisterFields, spec)
      const said: Record<string, string | string[] | boolean> = {name: name!}
      const byFlag = new Map(Object.entries(vmRegisterFields).map(([key, {flag}]) => [flag, key]))
      for (let at = 0; at < words.length; at++) {
        const flag = words[at]!.slice(2)
        if (flag.startsWith('no-')) said[byFlag.get(flag.slice(3))!] = false
        else {
          const key = byFlag.get(flag)!
          const field = vmRegisterFields[key as keyof typeof vmRegisterFields]
          if (field.kind === 'switch') said[key] = true
          else if (field.kind === 'list') said[key] = [...((said[key] as string[]) ?? []), words[++at]!]
          else said[key] = words[++at]!
        }
      }
      expect(readSpec(vmRegisterFields, said, vmRegisterProblems)).toEqual(spec)
    }),
  )
})

test.each([undefined, '', 'x', '1', 'null'])('%j remembers nothing', text => expect(recallVm(text)).toBeUndefined())
