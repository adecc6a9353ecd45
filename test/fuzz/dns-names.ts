import {isIP} from 'node:net'
import fc from 'fast-check'
import {oddText} from '../support/odd.ts'

const label = fc.constantFrom('a', 'b', 'shop', 'web-1', 'x'.repeat(63))
const name = fc.tuple(label, label).map(([service, namespace]) => `${service}.${namespace}.global`)
const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('240.241.0.1'))

/** Texts that would add a line, a key or an answer if they were written as they are. */
const hostile = fc.oneof(
  oddText,
  fc.constantFrom(
    'a.b.global\nserver=/x/1.2.3.4',
    'a.b.global"\n}\nx:53 {\n whoami\n}',
    'a.b.global,1.2.3.4',
    '1.2.3.4"\n }\n hosts {\n',
    '1.2.3.4 # x',
    '1.2.3.4,5.6.7.8',
    'fe80::1%eth0',
    '.*.global',
    'A.B.global',
    'a.b.global.',
    'a.b.example.org',
    '{$SECRET}',
    '{{ .Question }}',
  ),
)

/** IP addresses by host name; one input in four is hostile. */
export const dnsNames: fc.Arbitrary<ReadonlyMap<string, readonly string[]>> = fc.oneof(
  {weight: 3, arbitrary: namesOf(name, address)},
  {weight: 1, arbitrary: namesOf(fc.oneof(name, hostile), fc.oneof(address, hostile))},
)

function namesOf(names: fc.Arbitrary<string>, addresses: fc.Arbitrary<string>) {
  return fc
    .array(fc.tuple(names, fc.array(addresses, {minLength: 1, maxLength: 3})), {maxLength: 4})
    .map(entries => new Map(entries))
}

/** Whether all names and addresses are what they should be, so that they may be written. */
export function isSafeAnswer(names: ReadonlyMap<string, readonly string[]>): boolean {
  return [...names].every(
    ([host, addresses]) =>
      /^[a-z0-9]([a-z0-9-]*[a-z0-9])?\.[a-z0-9]([a-z0-9-]*[a-z0-9])?\.global$/.test(host) &&
      addresses.every(one => isIP(one) > 0 && !one.includes('%')),
  )
}
