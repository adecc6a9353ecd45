import {inject} from 'vitest'
import type {SharedServers} from '../global-setup.ts'

/**
 * The API servers that the test files of this worker share. No other test file uses them at the same time.
 *
 * @returns undefined if they are not available: skip the tests (`describe.skipIf(!sharedServers())`). Never with `CI=true`.
 */
export function sharedServers(): SharedServers | undefined {
  const all = inject('servers')
  const own = all[Number(process.env.VITEST_POOL_ID) - 1]
  if (all.length > 0 && !own)
    throw new Error(`no API servers for worker ${process.env.VITEST_POOL_ID} of ${all.length}`)
  return own
}
