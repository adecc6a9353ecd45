import {expect, test} from 'vitest'
import {caListing} from '../../../src/features/ca/report.ts'
import type {CaComparison} from '../../../src/pki/status.ts'
import type {ListFormat} from '../../../src/terminal/list/list-format.ts'
import {formatListing} from '../../../src/terminal/list/listing.ts'

const formatCaStatus = (found: CaComparison, at: Date, format: ListFormat) =>
  formatListing(caListing(found, at), format)

const now = new Date('2026-01-01T00:00:00Z')
const row: CaComparison['rows'][number] = {
  cluster: 'east',
  source: 'cluster',
  subject: 'O=Istio, L=east',
  issuer: 'CN=Root',
  expires: new Date('2026-01-01T12:00:00Z'),
  created: '2025-12-30T00:00:00Z',
  roots: ['7C:1E:00:11:A0'],
  sameRoot: true,
  differsFrom: [],
  problems: [],
}
const missing = {
  ...row,
  cluster: 'west',
  issuer: undefined,
  expires: undefined,
  created: undefined,
  roots: [],
  sameRoot: undefined,
}

test('the table shows issuer, expiry and root', () => {
  const text = formatCaStatus({rows: [row], share: true}, now, undefined)
  expect(text).toMatch(/^CLUSTER +WHERE +ISSUER +EXPIRES +ROOT CA +AGE *\n/)
  expect(text).toMatch(/east +cluster +CN=Root +in 12h +7c:1e:…:a0 ✔ +2d/)
  expect(text).toMatch(/✔ all CAs share one root\n$/)
})

test('problems follow the table, with hints', () => {
  const problems = [{message: 'west: no CA found', hints: ['check']}]
  const text = formatCaStatus({rows: [row, {...missing, problems}], share: false}, now, undefined)
  expect(text).toMatch(/west +cluster +- +- +- +-\s*\n/)
  expect(text).toMatch(/✘ west {2}west: no CA found\n {4}hint: check\n✘ the CAs do not all share one root\n$/)
})

test('an expired CA is marked', () => {
  expect(formatCaStatus({rows: [{...row, expires: new Date(0)}], share: true}, now, undefined)).toContain('expired')
})

test('wide shows fingerprint and subject', () => {
  expect(formatCaStatus({rows: [row], share: true}, now, 'wide')).toMatch(/ ✔ +2d +\S*7C:1E:00:11:A0 +O=Istio, L=east/)
})

test('JSON has the rows', () => {
  const data = JSON.parse(formatCaStatus({rows: [row], share: true}, now, 'json'))
  expect(data).toMatchObject({share: true, cas: [{cluster: 'east', expires: '2026-01-01T12:00:00.000Z'}]})
})

test('a change of the root: the stage of each cluster, and which proxies are behind', () => {
  const incomplete = Array.from({length: 12}, (_, at) => `shop/web-${at} still has a certificate below the other root`)
  const rows = [
    {...row, rotation: {stage: 'issue', proxies: 20, incomplete}},
    {...row, cluster: 'west', rotation: {stage: 'trust', proxies: 1, incomplete: []}},
    {...row, cluster: 'north'},
  ]
  const text = formatCaStatus({rows, share: true}, now, undefined)
  expect(text).toMatch(/^CLUSTER .* ROOT CA +STAGE +AGE *\n/)
  expect(text).toMatch(/^east .* issue +2d$/m)
  expect(text).toMatch(/^north .* - +2d$/m)
  expect(text).toContain(`east: stage issue of the change of the root is not complete: 12 of 20 proxies
  shop/web-0 still has a certificate below the other root
`)
  expect(text).toContain('  and 2 more (-o json lists all)\n')
  expect(text).toContain('west: stage trust of the change of the root is complete: 1 proxy\n')
})
