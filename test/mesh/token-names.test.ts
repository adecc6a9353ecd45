import {expect, test} from 'vitest'
import {nextTokenNaming, readerTokenName, type TokenNaming, tokenNamingIn} from '../../src/mesh/objects-reader.ts'

test.each([
  ['east', 'istiod'],
  ['a-token7-b', 'istiod'],
  [undefined, 'istiod'],
  ['x'.repeat(300), 'kiali'],
] as const)('the name of a token Secret for %s and %s shows which one it is', (peer, reader) => {
  const whose = {...(peer === undefined ? {} : {peer}), ...(reader === 'istiod' ? {} : {reader})}
  for (const bound of [true, false])
    for (const slot of ['', '2', '37'] as const) {
      const naming = {...whose, bound, slot}
      expect(tokenNamingIn(readerTokenName(naming), peer, reader)).toEqual(naming)
      expect(tokenNamingIn(readerTokenName(naming), 'other', reader)).toBeUndefined()
    }
  expect(tokenNamingIn('istio-ca-secret', peer, reader)).toBeUndefined()
})

test('no token that does not expire gets the name of a former one, whatever the lifetimes in between', () => {
  const seen = new Set<string>()
  let current: TokenNaming = {peer: 'east', bound: false, slot: ''}
  for (const bound of [false, false, true, false, true, true, false]) {
    if (!current.bound) seen.add(readerTokenName(current))
    const next = nextTokenNaming(current, bound)
    expect(readerTokenName(next)).not.toBe(readerTokenName(current))
    if (!bound) expect(seen).not.toContain(readerTokenName(next))
    current = next
  }
})
