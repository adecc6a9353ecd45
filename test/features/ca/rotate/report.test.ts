import {expect, test} from 'vitest'
import {formatStages, requestText} from '../../../../src/features/ca/rotate/report.ts'

test('one row per cluster', () => {
  const text = formatStages([
    {name: 'east', stage: 'trust', to: 'issue', proxies: 12},
    {name: 'west', stage: 'issue', to: undefined, proxies: 3},
    {name: 'north', stage: 'trust', to: 'old', proxies: 0},
  ])
  expect(text).toBe(`CLUSTER   STAGE   NEXT    PROXIES   CHANGE
east      trust   issue   12        trust both roots, with a CA below the new one
west      issue   -       3         none
north     trust   none    0         trust only the old root
`)
})

test('how many certificates are requested', () => {
  expect(requestText(1)).toBe('1 proxy requests a new certificate')
  expect(requestText(12)).toBe('12 proxies request new certificates')
})
