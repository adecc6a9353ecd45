import {describe, expect, test} from 'vitest'
import type {HeldFacts} from '../../../src/features/graph/facts.ts'
import {linksOf} from '../../../src/features/graph/report-links.ts'
import type {ReportedFinding} from '../../../src/findings/check.ts'

const day = 86_400_000
const held = (more: Partial<HeldFacts>): HeldFacts => ({holder: 'east', target: 'west', state: 'valid', ...more})
const linkOf = (more: Partial<HeldFacts>, findings: ReportedFinding[] = []) =>
  linksOf({held: [held(more)], findings})[0]

describe('state and text', () => {
  test.each<[Partial<HeldFacts>, string, string]>([
    [{}, 'ok', 'does not expire'],
    [{leftMs: 89 * day}, 'ok', '89d left'],
    [{leftMs: 7 * day}, 'ok', '7d left'],
    [{leftMs: 7 * day - 1}, 'warning', '7d left'],
    [{leftMs: 0}, 'broken', 'expired'],
    [{state: 'missing'}, 'broken', 'no credential'],
    [{state: 'refused', leftMs: 9 * day}, 'broken', 'credential refused'],
    [{state: 'unusable'}, 'broken', 'credential unusable'],
    [{state: 'unknown'}, 'warning', 'not tested'],
  ])('%o', (more, state, text) => {
    expect(linkOf(more)).toMatchObject({holder: 'east', target: 'west', state, text, check: null})
  })
})

test('a cluster has no link to itself, and a remote has none', () => {
  expect(linksOf({held: [held({state: 'self'}), held({state: 'needless'})], findings: []})).toEqual([])
})

describe('a finding about the credential', () => {
  const finding = (more: Partial<ReportedFinding> = {}): ReportedFinding => ({
    ...{
      level: 'error',
      check: 'server-certificate',
      cluster: 'east',
      message: 'cannot verify https://x, the API server of west: no',
    },
    ...more,
  })
  test('breaks the link', () => {
    const {message} = finding()
    expect(linkOf({}, [finding()])).toMatchObject({state: 'broken', text: message, check: 'server-certificate'})
  })
  test('of level warning is a warning; an error comes first', () => {
    const warning = finding({level: 'warning', check: 'credential-layout'})
    expect(linkOf({}, [warning])).toMatchObject({state: 'warning', check: 'credential-layout'})
    expect(linkOf({}, [warning, finding()])).toMatchObject({state: 'broken', check: 'server-certificate'})
  })
  test('names the check of a broken link, which keeps its short text', () => {
    expect(linkOf({state: 'refused'}, [finding()])).toMatchObject({
      ...{state: 'broken', text: 'credential refused', check: 'server-certificate'},
    })
  })
  test.each([{cluster: 'west'}, {check: 'mesh-id'}, {message: 'the API server of west-2'}])(
    '%o is another one',
    more => {
      expect(linkOf({}, [finding(more)])).toMatchObject({state: 'ok', check: null})
    },
  )
})

test('seconds for programs', () => {
  expect(linkOf({leftMs: 1500})).toMatchObject({expiresInSeconds: 1})
  expect(linkOf({})).toMatchObject({expiresInSeconds: null})
})
