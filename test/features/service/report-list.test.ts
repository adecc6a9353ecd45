import {expect, test} from 'vitest'
import {type ListedImport, serviceListing} from '../../../src/features/service/report-list.ts'
import type {ListFormat} from '../../../src/terminal/list/list-format.ts'
import {formatListing} from '../../../src/terminal/list/listing.ts'
import {exporter, hello} from './samples.ts'

const formatServiceList = (imports: ListedImport[], at: Date, format: ListFormat) =>
  formatListing(serviceListing(imports, at), format)

const now = new Date('2026-01-02T00:00:00Z')
const listed = (importer: string, since: string, port = 15443): ListedImport => ({
  importer,
  imported: {...hello, exporters: {east: {...exporter, port, addresses: ['203.0.113.1', '2001:db8::1']}}},
  since: new Date(since),
})

test('imports with the same exporters share a row, with the oldest age', () => {
  const all = [listed('west', '2026-01-01T12:00:00Z'), listed('south', '2026-01-01T00:00:00Z')]
  const text = formatServiceList(all, now, undefined)
  expect(text).toMatch(/^SERVICE +EXPORTERS +IMPORTERS +ENDPOINTS +AGE *\n/)
  expect(text).toMatch(/hello\.sample\.global +east +south,west +203\.0\.113\.1:15443,\[2001:db8::1\]:15443 +24h/)
})

test('imports with different exporters have separate rows', () => {
  const all = [listed('west', '2026-01-01T00:00:00Z'), listed('south', '2026-01-01T00:00:00Z', 31443)]
  expect(JSON.parse(formatServiceList(all, now, 'json')).services).toHaveLength(2)
})

test('wide adds ports and identities', () => {
  expect(formatServiceList([listed('west', '2026-01-01T00:00:00Z')], now, 'wide')).toMatch(
    /80\/HTTP +spiffe:\/\/cluster\.local\/ns\/sample\/sa\/hello/,
  )
})
