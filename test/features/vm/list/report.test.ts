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

test('formats data', () => {
  expect(JSON.parse(formatVmList(rows, 'json', now)).vms[2]).toMatchObject({
    entry: 'web-1',
    connected: true,
    controlPlane: 'istiod-1',
  })
  expect(formatVmList(rows, 'yaml', now)).toContain('address: 2001:db8::1')
})
