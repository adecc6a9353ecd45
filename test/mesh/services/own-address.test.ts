import {isIPv4} from 'node:net'
import {expect, test} from 'vitest'
import {ownAddressFor} from '../../../src/mesh/services/own-address.ts'

test('the same host gets the same address, another one where that is taken', () => {
  const one = ownAddressFor('hello.sample.global', new Set())
  expect(ownAddressFor('hello.sample.global', new Set(['240.241.0.0']))).toBe(one)
  expect(ownAddressFor('hello.sample.global', new Set([one]))).not.toBe(one)
})

test('thousands have one each, in our range', () => {
  const taken = new Set<string>()
  for (let at = 0; at < 3000; at++) {
    const address = ownAddressFor(`hello-${at}.sample.global`, taken)
    expect(isIPv4(address) && /^240\.241\./.test(address) && !taken.has(address)).toBe(true)
    taken.add(address)
  }
})

test('the range ends, without its first and last address', () => {
  const all = Array.from({length: 65_536}, (_, number) => `240.241.${number >> 8}.${number & 255}`)
  const [first, last] = [all.shift()!, all.pop()!]
  expect(() => ownAddressFor('hello.sample.global', new Set(all))).toThrow(/no free address/)
  for (const left of ['240.241.0.1', '240.241.255.254'])
    expect(
      ownAddressFor('hello.sample.global', new Set([first, last, ...all].filter(address => address !== left))),
    ).toBe(left)
})
