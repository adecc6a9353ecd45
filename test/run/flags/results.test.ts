import {describe, expect, test} from 'vitest'
import {
  importResults,
  type ResultFlags,
  refuseDryRunFlags,
  removalResults,
  reportResults,
  vmResults,
} from '../../../src/run/flags/results.ts'

describe('flags that only a dry run follows', () => {
  type Flags = Omit<Parameters<typeof refuseDryRunFlags>[0], 'dry-run'>
  test.each<[Flags, ResultFlags, string | undefined]>([
    [{}, {}, undefined],
    [{'output-dir': 'out'}, {}, '--output-dir'],
    [{'output-dir': 'out', output: 'name'}, reportResults, '--output-dir'],
    [{only: 'east'}, reportResults, '--only'],
    [{output: 'name'}, reportResults, '-o name'],
    [{output: 'json'}, {}, '-o json'],
    [{output: 'json'}, reportResults, undefined],
    [{output: 'name'}, removalResults, undefined],
    [{output: 'diff'}, removalResults, '-o diff'],
    [{'output-dir': 'web-vm', output: 'name'}, vmResults, undefined],
    [{'output-dir': 'web-vm', output: 'diff'}, vmResults, '-o diff'],
    [{'output-dir': 'out', only: 'east', output: 'diff'}, importResults, undefined],
    [{only: 'east'}, importResults, '--only'],
  ])('%j, results %j: %s', (flags, results, refused) => {
    const check = (dryRun: string) => () => refuseDryRunFlags({...flags, 'dry-run': dryRun}, results)
    if (refused === undefined) expect(check('none')).not.toThrow()
    else expect(check('none')).toThrow(expect.objectContaining({exit: 2, message: `${refused} requires --dry-run`}))
    expect(check('server')).not.toThrow()
    expect(check('client')).not.toThrow()
  })
})
