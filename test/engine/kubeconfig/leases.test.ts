import {describe, expect, it} from 'vitest'
import {type Credential, fixedSource, type Lease, leasedSource} from '../../../src/engine/kubeconfig/leases.ts'

const credential = (token: string): Credential => ({authorization: `Bearer ${token}`, cert: undefined, key: undefined})

/** A source that returns the given tokens in turn; `fetches` counts the calls. */
function sourceOf(tokens: string[], until = Number.POSITIVE_INFINITY) {
  const state = {fetches: 0}
  const fetch = async (): Promise<Lease> => ({credential: credential(tokens[state.fetches++]!), until})
  return {state, source: leasedSource(fetch)}
}

describe('leasedSource', () => {
  it('fetches once for simultaneous requests, and keeps the credential until it expires', async () => {
    const {state, source} = sourceOf(['a'])
    const all = await Promise.all([source.current(), source.current(), source.current()])
    expect(new Set(all.map(({authorization}) => authorization))).toEqual(new Set(['Bearer a']))
    await source.current()
    expect(state.fetches).toBe(1)
  })

  it('fetches again once the credential has expired', async () => {
    const {source} = sourceOf(['a', 'b'], Date.now() - 1)
    expect((await source.current()).authorization).toBe('Bearer a')
    expect((await source.current()).authorization).toBe('Bearer b')
  })

  it('renews a rejected credential once for all requests, and only another credential is worth a retry', async () => {
    const {state, source} = sourceOf(['a', 'b', 'b'])
    const rejected = await source.current()
    expect(await Promise.all([source.renew(rejected), source.renew(rejected)])).toEqual([true, true])
    expect(state.fetches).toBe(2)
    // A late request with the old credential: the new one is already there.
    expect(await source.renew(rejected)).toBe(true)
    expect(state.fetches).toBe(2)
    expect(await source.renew(await source.current())).toBe(false)
  })
})

it('fixedSource never renews', async () => {
  const source = fixedSource(credential('a'))
  expect(await source.renew(await source.current())).toBe(false)
})
