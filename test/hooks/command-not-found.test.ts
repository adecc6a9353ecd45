import {expect, test} from 'vitest'
import hook from '../../src/hooks/command-not-found.ts'

test('suggests no hidden command', async () => {
  const config = {commands: [{id: 'federate:status'}, {id: 'federate:statsum', hidden: true}]}
  const reported = hook.call({} as never, {id: 'federate:statsu', config, argv: [], context: {}} as never)
  await expect(reported).rejects.toMatchObject({
    exit: 2,
    problems: [
      {
        message: 'unknown command "federate statsu"',
        hints: [expect.stringMatching(/federate status$/), expect.any(String)],
      },
    ],
  })
})
