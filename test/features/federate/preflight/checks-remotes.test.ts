import {expect, test} from 'vitest'
import {remoteChecks} from '../../../../src/features/federate/preflight/checks-remotes.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {ledNamespace} from '../../../mesh/samples-remote.ts'
import {joinedAs, remoteCases} from './cases-remote.ts'
import {remoteSubject, testCases} from './samples.ts'

testCases(remoteChecks, remoteCases)

test('an annotation that an earlier run set is replaced', () => {
  const namespace = ledNamespace('north')
  const check = (record: ReturnType<typeof joinedAs>) =>
    runChecks(remoteChecks, remoteSubject({west: {namespace, record}}))
  expect(check(joinedAs('west', 'north'))).toEqual([])
  expect(check(joinedAs('west', 'south'))).toMatchObject([{check: 'remote-annotation'}])
})
