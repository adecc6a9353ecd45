import {describe, expect, test} from 'vitest'
import {federationVerifyFields, federationVerifyProblems} from '../../../../src/features/federate/verify/spec.ts'
import {type RawSpec, readSpec} from '../../../../src/spec/read.ts'

function read(raw: RawSpec<typeof federationVerifyFields>) {
  return readSpec(federationVerifyFields, {contexts: 'east,west', ...raw}, federationVerifyProblems)
}

describe('--images', () => {
  test.each([
    ['client=a:1,server=b.example:5000/b@sha256:00'],
    [['client=a:1', 'server=b.example:5000/b@sha256:00']],
    [{client: 'a:1', server: 'b.example:5000/b@sha256:00'}],
  ])('%j', images =>
    expect({...read({traffic: true, images}).images}).toEqual({client: 'a:1', server: 'b.example:5000/b@sha256:00'}),
  )

  test.each(['web=a', 'client=', 'client', 'client=a b'])('%s is none', images =>
    expect(() => read({traffic: true, images})).toThrow('--images'),
  )

  test('without --traffic there is nothing to run', () =>
    expect(() => read({images: 'client=a'})).toThrow('--images is for --traffic'))
})

test('clusters have to be named', () => expect(() => read({contexts: ''})).toThrow('--contexts is missing'))
