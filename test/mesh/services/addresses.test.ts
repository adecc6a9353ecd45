import {isIPv4} from 'node:net'
import {expect, test} from 'vitest'
import {allocateAddress, entryAddresses, entryHosts} from '../../../src/mesh/services/addresses.ts'

test('a host gets the same address each time, unless it is taken', () => {
  const one = allocateAddress('hello.sample.global', new Set())
  expect(allocateAddress('hello.sample.global', new Set(['240.241.0.0']))).toBe(one)
  expect(allocateAddress('hello.sample.global', new Set([one]))).not.toBe(one)
})

test('thousands of hosts have different addresses in the range', () => {
  const taken = new Set<string>()
  for (let at = 0; at < 3000; at++) {
    const address = allocateAddress(`hello-${at}.sample.global`, taken)
    expect(isIPv4(address) && /^240\.241\./.test(address) && !taken.has(address)).toBe(true)
    taken.add(address)
  }
})

test('the range is exhausted without its first and last address', () => {
  const all = Array.from({length: 65_536}, (_, number) => `240.241.${number >> 8}.${number & 255}`)
  const [first, last] = [all.shift()!, all.pop()!]
  const message = '240.241.0.0/16 has no free address for hello.sample.global: all 65534 addresses are in use'
  expect(() => allocateAddress('hello.sample.global', new Set(all))).toThrow(
    expect.objectContaining({exit: 3, problems: [{message, hints: [expect.stringContaining('unexport')]}]}),
  )
  for (const left of ['240.241.0.1', '240.241.255.254'])
    expect(
      allocateAddress('hello.sample.global', new Set([first, last, ...all].filter(address => address !== left))),
    ).toBe(left)
})

test('addresses of a ServiceEntry: set and allocated', () => {
  const entry = {apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry', metadata: {name: 'x'}}
  expect(entryAddresses(entry)).toEqual([])
  const status = {addresses: [{value: '240.240.0.1', host: 'x'}, {}]}
  expect(entryAddresses({...entry, spec: {addresses: ['10.0.0.1']}, status})).toEqual(['10.0.0.1', '240.240.0.1'])
})

test.each([undefined, null, 5, 'text', [], {hosts: 'x', addresses: {}}, {hosts: [5, null, {}], addresses: ['', [1]]}])(
  'a ServiceEntry with the spec %j has no hosts and addresses',
  spec => {
    const entry = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: {name: 'x'},
      spec,
      status: spec,
    }
    expect([entryHosts(entry), entryAddresses(entry)]).toEqual([[], []])
  },
)
