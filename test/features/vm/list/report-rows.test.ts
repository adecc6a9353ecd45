import {expect, test} from 'vitest'
import {rows} from './support.ts'

test('lists entries and empty groups, sorted by group and address', () => {
  expect(rows.map(({group, entry, auto, health, connected}) => ({group, entry, auto, health, connected}))).toEqual([
    {group: undefined, entry: 'db', auto: false, health: 'unknown', connected: undefined},
    {group: 'idle', entry: undefined, auto: false, health: 'unknown', connected: undefined},
    {group: 'web', entry: 'web-1', auto: true, health: 'healthy', connected: true},
    {group: 'web', entry: 'web-2', auto: true, health: 'unhealthy', connected: false},
  ])
})

test('prints addresses in canonical form', () => {
  expect(rows[0]!.address).toBe('2001:db8::1')
})

test('a row has the token of its VM: of its group, or of its entry without a group', () => {
  expect(rows.map(({tokenExpires}) => tokenExpires?.toISOString().slice(0, 13))).toEqual([
    '2026-01-03T00',
    undefined,
    '2026-01-01T22',
    '2026-01-01T22',
  ])
})
