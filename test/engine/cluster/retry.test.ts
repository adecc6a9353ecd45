import {describe, expect, it} from 'vitest'
import {isTransientError, pauseAfter} from '../../../src/engine/cluster/retry.ts'

describe('pauseAfter', () => {
  it('doubles with each try and has a random part', () => {
    for (const [tries, longest] of [
      [1, 200],
      [2, 400],
      [3, 800],
    ] as const) {
      const pauses = Array.from({length: 50}, () => pauseAfter(tries, undefined)!)
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(longest / 2)
      expect(Math.max(...pauses)).toBeLessThanOrEqual(longest)
      expect(new Set(pauses).size).toBeGreaterThan(1)
    }
  })

  it('reads Retry-After as seconds or a date, and ignores anything else', () => {
    expect(pauseAfter(1, '3')).toBeGreaterThanOrEqual(3000)
    const inTenSeconds = pauseAfter(1, new Date(Date.now() + 10_000).toUTCString())
    expect(inTenSeconds).toBeGreaterThan(7000)
    expect(inTenSeconds).toBeLessThan(11_000)
    expect(pauseAfter(1, new Date(Date.now() - 10_000).toUTCString())).toBeLessThanOrEqual(200)
    expect(pauseAfter(1, 'soon')).toBeLessThanOrEqual(200)
    expect(pauseAfter(1, '31')).toBeUndefined()
  })
})

describe('isTransientError', () => {
  it('accepts a broken connection, but no certificate error and no time limit', () => {
    expect(isTransientError(Object.assign(new Error('x'), {code: 'ECONNRESET'}))).toBe(true)
    expect(isTransientError(Object.assign(new Error('x'), {code: 'DEPTH_ZERO_SELF_SIGNED_CERT'}))).toBe(false)
    expect(isTransientError(Object.assign(new Error('x'), {code: 'TOO_SLOW'}))).toBe(false)
    expect(isTransientError('x')).toBe(false)
  })
})
