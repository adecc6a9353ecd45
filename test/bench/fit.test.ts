import {expect, test} from 'vitest'
import {fitLinear} from '../../bench/fit.ts'

const sample = (localPods: number, remotePods: number, remotes: number, off = 0) => ({
  ...{localPods, remotePods, remotes, proxies: 0, watches: 0},
  mib: 90 + 0.02 * localPods + 0.01 * remotePods + 5 * remotes + off,
})
const others = [sample(0, 0, 5), sample(0, 4000, 2), sample(10, 20, 30)]

test('coefficients of measurements that follow them', () => {
  const fit = fitLinear([sample(0, 0, 0), sample(1000, 0, 0), ...others])
  expect(fit.base).toBeCloseTo(90)
  expect(fit.perLocalPod).toBeCloseTo(0.02)
  expect(fit.perRemotePod).toBeCloseTo(0.01)
  expect(fit.perRemote).toBeCloseTo(5)
  for (const error of fit.errors) expect(error).toBeCloseTo(0)
})

test('the errors are those of the model', () => {
  const {errors} = fitLinear([...[sample(0, 0, 0, 2), sample(0, 0, 0, -2), sample(1000, 0, 0)], ...others])
  expect(errors[0]).toBeCloseTo(-2)
  expect(errors[1]).toBeCloseTo(2)
})
