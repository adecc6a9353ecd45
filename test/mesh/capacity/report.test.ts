import {expect, test} from 'vitest'
import {forecastData, formatForecasts} from '../../../src/mesh/capacity/report.ts'

const size = {clusters: 2, endpoints: 300, largest: 200}
const now = {...size, secrets: 4, watches: 15, memory: {withoutProxies: 123.4, withProxies: 1234}, requests: 200}

test('the table has a row for today and one for the requested size', () => {
  expect(formatForecasts({now, at: {...now, clusters: 100, endpoints: 40_000}, uncounted: []})).toBe(
    [
      'FORECAST   CLUSTERS   ENDPOINTS   SECRETS   WATCHES OF AN ISTIOD   MEMORY OF AN ISTIOD   CSRS AT A ROOT CHANGE',
      'today      2          300         4         15                     125-1235 MiB          200',
      '--at       100        40000       4         15                     125-1235 MiB          200',
      '',
    ].join('\n'),
  )
})

test('clusters that could not be counted are named', () => {
  const none = {now: undefined, uncounted: ['east']}
  const permission = '(requires permission to list pods in all namespaces)'
  expect(formatForecasts(none)).toBe(
    `pods could not be counted in east; there is no forecast for today ${permission}\n`,
  )
  expect(formatForecasts({...none, atIsUnknown: true})).toBe(
    `pods could not be counted in east; there is no forecast for today, or for --at without endpoints=N ${permission}\n`,
  )
  expect(formatForecasts({...none, at: now})).toMatch(/^--at .*\npods could not be counted in east; .* for today \(/m)
  expect(forecastData(none)).toEqual({now: null, at: null})
  expect(formatForecasts({now: undefined, uncounted: []})).toBe('')
})

test('the data has whole numbers', () => {
  expect(forecastData({now, uncounted: []})).toEqual({
    now: {
      ...size,
      secrets: 4,
      watches: 15,
      memoryMiB: {withoutProxies: 125, withProxies: 1235},
      certificateRequests: 200,
    },
    at: null,
  })
})
