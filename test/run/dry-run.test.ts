import {expect, test} from 'vitest'
import {refuseClientDryRun} from '../../src/run/dry-run.ts'

test('a command that depends on the cluster refuses a client dry run', () => {
  expect(() => refuseClientDryRun({write: {dryRun: 'client'}})).toThrow(
    expect.objectContaining({exit: 2, message: expect.stringContaining('--dry-run=client') as string}),
  )
  expect(refuseClientDryRun({write: {dryRun: 'server'}})).toBeUndefined()
})
