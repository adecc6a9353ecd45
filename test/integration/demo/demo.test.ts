import {execPath} from 'node:process'
import {inject, test} from 'vitest'
import {run} from '../../support/run.ts'

test.skipIf(inject('servers').length === 0)(
  'the demo of the README joins two clusters, changes nothing the second time, and shows the status',
  {timeout: 240_000},
  async ({expect}) => {
    const {code, stdout, stderr} = await run([execPath, 'scripts/demo.ts'], {timeout: 200_000})
    expect({code, stderr: code === 0 ? '' : stderr}).toEqual({code: 0, stderr: ''})
    expect(stdout.match(/^east .*joined|^west .*joined/gm)).toHaveLength(4)
    expect(stdout).toContain('── Done.')
  },
)
