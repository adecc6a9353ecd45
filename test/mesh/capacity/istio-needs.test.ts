import {describe, expect, test} from 'vitest'
import {forecastOf, type MeshAccess} from '../../../src/mesh/capacity/istio-needs.ts'

const sizeOf = (clusters: number, each: number) => ({clusters, endpoints: clusters * each, largest: each})
const perPeer: MeshAccess = {credentials: 'per-peer', istiods: 10}

describe('Secrets', () => {
  test.each([
    ['one for each istiod and other cluster, at both ends', perPeer, 2 * 10 * 9],
    ['bundled: one for each istiod, and one for each cluster', {...perPeer, credentials: 'bundled'}, 20],
    ['only the primary has an istiod', {...perPeer, istiods: 1}, 2 * 9],
    ['gateways mode has none', {...perPeer, credentials: 'none'}, 0],
  ] as const)('%s', (_, access, secrets) => expect(forecastOf(sizeOf(10, 5), access).secrets).toBe(secrets))
})

test('an istiod watches every other cluster, except in gateways mode', () => {
  const one = forecastOf(sizeOf(2, 5), perPeer).watches
  expect(one).toBeGreaterThan(0)
  expect(forecastOf(sizeOf(10, 5), perPeer).watches).toBe(9 * one)
  expect(forecastOf(sizeOf(1, 5), perPeer).watches).toBe(0)
  expect(forecastOf(sizeOf(10, 5), {...perPeer, credentials: 'none'}).watches).toBe(0)
})

test('memory grows with local pods, remote pods and remote clusters', () => {
  const memory = (clusters: number, endpoints: number, largest: number, access = perPeer) =>
    forecastOf({clusters, endpoints, largest}, access).memory.withoutProxies
  expect(memory(2, 1000, 500)).toBeGreaterThan(memory(2, 900, 500))
  expect(memory(3, 1000, 500)).toBeGreaterThan(memory(2, 1000, 500))
  expect(memory(1, 1000, 1000)).toBeGreaterThan(memory(1, 500, 500))
  // In gateways mode, other clusters need nothing.
  expect(memory(9, 9000, 1000, {...perPeer, credentials: 'none'})).toBe(memory(1, 1000, 1000))
})

test('the istiods of a cluster issue certificates only to its own proxies', () => {
  expect(forecastOf({clusters: 3, endpoints: 900, largest: 700}, perPeer).requests).toBe(700)
})

test('the model agrees with measurements within 5 %, and is not below the published figure for connected proxies', () => {
  const measured = [
    [1, 0, 0, 117],
    [21, 10_000, 0, 238],
    [11, 20_000, 0, 314],
    [21, 40_000, 0, 505],
    [1, 4000, 4000, 157],
  ] as const
  for (const [clusters, endpoints, largest, mib] of measured) {
    const {withoutProxies} = forecastOf({clusters, endpoints, largest}, perPeer).memory
    expect(Math.abs(withoutProxies / mib - 1)).toBeLessThan(0.05)
  }
  const {withProxies} = forecastOf({clusters: 1, endpoints: 2000, largest: 2000}, perPeer).memory
  const publishedMiB = 1500 / 1.048576
  expect(withProxies / publishedMiB).toBeGreaterThan(1)
  expect(withProxies / publishedMiB).toBeLessThan(1.4)
})
