import {describe, expect, test} from 'vitest'
import {primaryOf, primaryRemoteFields, type Roles, validatePrimaryRemote} from '../../src/mesh/spec-primary-remote.ts'
import {readSpec} from '../../src/spec/read.ts'

const roles = (more: Partial<Roles> = {}): Roles => ({
  mode: 'primary-remote',
  primary: undefined,
  contexts: ['east', 'west'],
  ...more,
})

test.each<[Partial<Roles>, string | undefined]>([
  [{}, 'east'],
  [{primary: 'west'}, 'west'],
  [{mode: 'multi-primary'}, undefined],
])('primaryOf with %j: %s', (more, expected) => expect(primaryOf(roles(more))).toBe(expected))

test.each<[Partial<Roles>, string[]]>([
  [{}, []],
  [{primary: 'west'}, []],
  [{primary: 'north'}, ['--primary north is not among --contexts east,west']],
])('validatePrimaryRemote with %j: %j', (more, messages) =>
  expect(validatePrimaryRemote(roles(more)).map(({message}) => message)).toEqual(messages),
)

test('all fields have an effect only in primary-remote mode', () => {
  for (const {onlyWith} of Object.values(primaryRemoteFields)) expect(onlyWith).toEqual({mode: ['primary-remote']})
})

describe('--remote-pilot-address', () => {
  const read = (remotePilotAddress: string) => readSpec(primaryRemoteFields, {remotePilotAddress}).remotePilotAddress

  test.each(['10.0.0.1', '2001:db8::1', 'lb.example.com'])('accepts %s', address => expect(read(address)).toBe(address))

  test.each([
    ['10.0.0.300', 'is not an IP address or host name'],
    ['127.0.0.1', 'is not an address of another machine'],
    ['224.0.0.1', 'is not an address of another machine'],
    ['fe80::1', 'is not an address of another machine'],
    ['fe80::1%eth0', 'is not an IP address or host name'],
    ['2001:DB8:0::1', 'is not in canonical form; write 2001:db8::1'],
  ])('rejects %s: %s', (address, problem) => expect(() => read(address)).toThrow(problem))
})
