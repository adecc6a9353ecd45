import {describe, expect, test} from 'vitest'
import {MeshError} from '../../../src/errors.ts'
import {
  serviceExportFields,
  serviceUnexportFields,
  validateServiceExport,
  validateServiceUnexport,
} from '../../../src/features/service/spec.ts'
import {type RawSpec, readSpec} from '../../../src/spec/read.ts'

function problemsOf(read: () => unknown): string[] {
  try {
    read()
    return []
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    expect(error.exit).toBe(2)
    return error.problems.map(({message}) => message)
  }
}

const exported = (raw: RawSpec<typeof serviceExportFields>) =>
  problemsOf(() => readSpec(serviceExportFields, raw, validateServiceExport))
const unexported = (raw: RawSpec<typeof serviceUnexportFields>) =>
  problemsOf(() => readSpec(serviceUnexportFields, raw, validateServiceUnexport))

describe('service export', () => {
  test.each([
    {name: 'hello', contexts: 'east', to: 'west'},
    {name: 'hello', contexts: 'east,west'},
    {all: true, contexts: 'east,west', to: 'east,west,south'},
    {selector: 'a=b', contexts: 'east', to: 'west'},
    {watch: true, contexts: 'east,west'},
    {watch: true, namespace: 'sample', contexts: 'east', to: 'west', interval: '1s'},
  ])('accepts %o', raw => expect(exported(raw)).toEqual([]))

  test.each([
    [{contexts: 'east,west'}, /no Service is selected/],
    [{name: 'hello', all: true, contexts: 'east,west'}, /--all conflicts with NAME/],
    [{name: 'hello', selector: 'a=b', contexts: 'east,west'}, /--selector conflicts with NAME/],
    [{name: 'hello', contexts: 'east'}, /no importing cluster/],
    [{name: 'hello', contexts: 'east,east'}, /no importing cluster/],
    [{name: 'hello', contexts: 'east', to: 'east'}, /--to east is the exporting cluster itself/],
    [{watch: true, name: 'hello', contexts: 'east,west'}, /--watch conflicts with NAME/],
    [{watch: true, selector: 'a', contexts: 'east,west'}, /--watch conflicts with --selector/],
    [{watch: true, contexts: 'east'}, /no importing cluster/],
    [{all: true, contexts: 'east,west', interval: '1s'}, /--interval has an effect only with --watch/],
    [{name: 'Hello', contexts: 'east,west'}, /NAME Hello is not a DNS label/],
    [{watch: true, contexts: 'east,west', interval: '10ms'}, /--interval 10ms is shorter/],
  ])('rejects %o', (raw, message) => {
    expect(exported(raw)).toEqual([expect.stringMatching(message)])
  })

  test('reports every problem at once', () => expect(exported({contexts: 'east'})).toHaveLength(2))
})

test('service unexport', () => {
  expect(unexported({name: 'hello', contexts: 'east', to: 'west'})).toEqual([])
  expect(unexported({all: true, contexts: 'east,west'})).toEqual([])
  expect(unexported({contexts: 'east,west'})).toEqual([expect.stringMatching(/no Service is selected/)])
  expect(unexported({name: 'a', all: true, contexts: 'east,west'})).toEqual(['--all conflicts with NAME'])
})
