import {expect, test} from 'vitest'
import type {Outcome} from '../../../src/engine/plan/apply.ts'
import {formatServiceReport} from '../../../src/features/service/report.ts'
import {exporter, hello} from './samples.ts'

const host = 'hello.sample.global'
const imports = [{...hello, exporters: {east: exporter}}]
const outcome = (result: Outcome['result']) => ({cluster: 'west', step: {ref: {name: host}}, result}) as Outcome

test.each([
  [imports, [outcome('ok'), outcome('unchanged')], 'ok', 1],
  [imports, [outcome('unchanged')], 'unchanged', 1],
  [imports, [outcome('failed'), outcome('not tried')], 'failed', 1],
  [[], [outcome('ok')], 'removed', 0],
])('result %#', (after, outcomes, result, endpoints) => {
  const text = formatServiceReport(new Set([host]), [{name: 'west', imports: after}], outcomes, 'json')
  expect(JSON.parse(text).services).toEqual([
    expect.objectContaining({service: host, importer: 'west', result, endpoints}),
  ])
})

test('the table omits clusters without the import', () => {
  const importers = [
    {name: 'east', imports: []},
    {name: 'west', imports},
  ]
  const text = formatServiceReport(new Set([host]), importers, [outcome('ok')], undefined)
  expect(text).toMatch(/^SERVICE +IMPORTER +EXPORTERS +ENDPOINTS +RESULT\n/)
  expect(text).toMatch(/hello\.sample\.global +west +east +1 +ok/)
  expect(text).not.toMatch(/ east +-/)
})
