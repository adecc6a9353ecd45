import {describe, expect, test} from 'vitest'
import {federationVerifyFields} from '../../../../src/features/federate/verify/spec.ts'
import {type RawSpec, readSpec} from '../../../../src/spec/read.ts'

function read(raw: RawSpec<typeof federationVerifyFields>) {
  return readSpec(federationVerifyFields, {contexts: 'east,west', ...raw})
}

describe('--images', () => {
  test.each([
    ['client=a:1,server=b.example:5000/b@sha256:00'],
    [['client=a:1', 'server=b.example:5000/b@sha256:00']],
    [{client: 'a:1', server: 'b.example:5000/b@sha256:00'}],
  ])('%j', images =>
    expect({...read({traffic: true, images}).images}).toEqual({client: 'a:1', server: 'b.example:5000/b@sha256:00'}),
  )

  test.each(['web=a', 'client=', 'client', 'client=a b'])('%s is rejected', images =>
    expect(() => read({traffic: true, images})).toThrow('--images'),
  )

  test('has no effect without --traffic', () =>
    expect(() => read({images: 'client=a'})).toThrow('--images has an effect only with --traffic'))
})
