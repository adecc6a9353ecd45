import {expect, test} from 'vitest'
import {helperPath} from '../../../../src/features/vm/bundle/helper.ts'
import {checkService, checkTimer, dropIn} from '../../../../src/features/vm/bundle/units.ts'

test('istio.service prepares the machine before each start, as root', () => {
  expect(dropIn).toContain(`\nExecStartPre=+${helperPath} prepare\n`)
})

test('the timer runs the check every hour', () => {
  expect(checkService).toContain(`\nExecStart=${helperPath} check\n`)
  expect(checkTimer).toContain('\nOnUnitActiveSec=1h\n')
})
