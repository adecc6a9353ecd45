import {expect, test} from 'vitest'
import {restartHint} from '../../../../src/features/addon/connect/report.ts'

test('the command that restarts Kiali is safe to paste', () => {
  expect(restartHint('a b', {namespace: 'obs', name: 'kiali'})[1]).toBe(
    "hint:  restart it: kubectl --context 'a b' -n obs rollout restart deployment kiali",
  )
})
