import {expect, test} from 'vitest'
import {type Check, problemsOf, runChecks} from '../../src/findings/check.ts'

const checks: Check<string>[] = [
  {id: 'a', about: 'a', run: subject => [{message: `${subject} is wrong`, cluster: 'east', hints: ['do']}]},
  {id: 'b', about: 'b', run: () => []},
  {id: 'c', about: 'c', run: () => [{level: 'warning', message: 'old'}]},
]

test('all checks run, findings carry the ID of the check, and the default level is error', () =>
  expect(runChecks(checks, 'it')).toEqual([
    {check: 'a', level: 'error', cluster: 'east', message: 'it is wrong', hints: ['do']},
    {check: 'c', level: 'warning', message: 'old'},
  ]))

test('problems of one level begin with the cluster', () => {
  expect(problemsOf(runChecks(checks, 'it'), 'error')).toEqual([{message: 'east: it is wrong', hints: ['do']}])
  expect(problemsOf(runChecks(checks, 'it'), 'warning')).toEqual([{message: 'old', hints: []}])
})
