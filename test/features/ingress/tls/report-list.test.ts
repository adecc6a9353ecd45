import {expect, test} from 'vitest'
import {type CertificateRow, certificateListing} from '../../../../src/features/ingress/tls/report-list.ts'
import type {ReportedFinding} from '../../../../src/findings/check.ts'
import type {ListFormat} from '../../../../src/terminal/list/list-format.ts'
import {formatListing} from '../../../../src/terminal/list/listing.ts'

const formatCertificates = (all: CertificateRow[], found: ReportedFinding[], at: Date, format: ListFormat) =>
  formatListing(certificateListing(all, found, at), format)

const now = new Date('2026-01-01T00:00:00Z')
const row: CertificateRow = {
  hosts: ['a.example', 'b.example'],
  gateway: 'apps/g',
  port: 443,
  mode: 'SIMPLE',
  secret: 'edge/s',
  subject: 'CN=a',
  issuer: 'CN=ca',
  expires: new Date('2026-01-11T12:00:00Z'),
  created: '2025-12-31T12:00:00Z',
}

test('the table shows expiry, findings below it', () => {
  const finding = {level: 'error' as const, check: 'secret', message: 'no Secret', hints: ['create it']}
  const unread = {...row, subject: undefined, issuer: undefined, expires: undefined, created: undefined}
  const text = formatCertificates([row, unread], [finding], now, undefined)
  expect(text).toMatch(/^HOST +GATEWAY +PORT +SECRET +EXPIRES +AGE *\n/)
  expect(text).toMatch(/a\.example,b\.example +apps\/g +443 +edge\/s +2026-01-11 \(in 10 days\) +12h/)
  expect(text).toMatch(/edge\/s +- +-\s*\n\n✘ no Secret\n {4}hint: create it\n$/)
})

test('an expired certificate is marked', () => {
  expect(formatCertificates([row], [], new Date('2026-02-01T00:00:00Z'), undefined)).toContain('2026-01-11 (expired)')
})

test('wide adds mode, subject and issuer', () => {
  expect(formatCertificates([row], [], now, 'wide')).toMatch(/SIMPLE +CN=a +CN=ca/)
})

test('JSON has the keys of the rows', () => {
  const data = JSON.parse(formatCertificates([row], [], now, 'json'))
  expect(data).toEqual({certificates: [{...row, expires: '2026-01-11T12:00:00.000Z'}], findings: []})
})
