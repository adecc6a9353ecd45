import {expect, test} from 'vitest'
import {goalIn} from '../../../../src/features/ca/rotate/istio-progress.ts'
import {goalOf} from '../../../../src/features/ca/rotate/istio-stages.ts'
import {cacerts, cas, next, old} from './samples-rotation.ts'

const both = old.pem + next.pem
const fingerprints = (found: ReturnType<typeof goalIn>) => found && [found.stage, found.goal.signer.fingerprint]

test('the annotation decides which of both roots is the old one', () => {
  expect(fingerprints(goalIn(cacerts(cas.old, both), 'trust'))).toEqual(['trust', old.certificate.fingerprint])
  expect(fingerprints(goalIn(cacerts(cas.next, both), 'issue'))).toEqual(['issue', next.certificate.fingerprint])
  const {trusted} = goalOf('issue', old.certificate, next.certificate)
  expect(goalIn(cacerts(cas.next, both), 'issue')!.goal.trusted).toHaveLength(trusted.length)
})

test.each([
  ['one root', cacerts(cas.old, old.pem), 'trust'],
  ['no annotation', cacerts(cas.old, both), undefined],
  ['another annotation', cacerts(cas.old, both), 'x'],
  ['no certificates', {}, 'trust'],
])('%s: no change is in progress', (_about, data, annotation) => {
  expect(goalIn(data, annotation)).toBeUndefined()
})
