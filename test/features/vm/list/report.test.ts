import {expect, test} from 'vitest'
import {vmListing} from '../../../../src/features/vm/list/report.ts'
import type {VmRow} from '../../../../src/features/vm/list/report-rows.ts'
import type {ListFormat} from '../../../../src/terminal/list/list-format.ts'
import {formatListing} from '../../../../src/terminal/list/listing.ts'
import {expectGolden} from '../../../support/golden.ts'
import {rows} from './support.ts'

const formatVmList = (all: readonly VmRow[], format: ListFormat, at: Date) => formatListing(vmListing(all, at), format)

const now = new Date('2026-01-02T00:00:00Z')

test('formats a table', async () => {
  await expectGolden('vm/list.txt', formatVmList(rows, undefined, now))
})

test('-o wide shows when tokens expire', () => {
  const table = formatVmList(rows, 'wide', now)
  expect(table).toMatch(/ TOKEN +AGE$/m)
  expect(table).toMatch(/db .* expires in 24h +-$/m)
  expect(table).toMatch(/web-2 .* expired 2h ago +-$/m)
  expect(formatVmList(rows, undefined, now)).not.toContain('TOKEN')
})

test('formats data', () => {
  expect(JSON.parse(formatVmList(rows, 'json', now)).vms[2]).toMatchObject({
    entry: 'web-1',
    connected: true,
    controlPlane: 'istiod-1',
    tokenExpires: '2026-01-01T22:00:00.000Z',
  })
  expect(formatVmList(rows, 'yaml', now)).toContain('address: 2001:db8::1')
})
