import {describe, expect, test} from 'vitest'
import type {AnyObject} from '../support/servers/api.ts'
import {foreignProblems} from './foreign.ts'
import type {Injection} from './inject.ts'
import {memberProblems} from './members.ts'
import {calmProblems, exitProblems} from './problems.ts'
import {formatSchedule, scheduleOf} from './schedule.ts'
import {comparableState, differences} from './state.ts'

const partOf = {'applyset.kubernetes.io/part-of': 'set'}
const object = (name: string, labels: Record<string, string> = {}, data?: Record<string, string>): AnyObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name, namespace: 'mesh', uid: `uid-${name}`, resourceVersion: '1', labels},
  ...(data ? {data} : {}),
})
const keyed = (...objects: AnyObject[]) =>
  Object.fromEntries(objects.map(each => [`/api/v1/configmaps mesh/${each.metadata.name}`, each]))
const parent = (members: string) => object('parent', {'applyset.kubernetes.io/id': 'set'}, {members})
const none: ReadonlySet<string> = new Set()

describe('schedules', () => {
  test('are determined by their seed', () => {
    expect(scheduleOf(7)).toEqual(scheduleOf(7))
    expect(formatSchedule(scheduleOf(7))).not.toBe(formatSchedule(scheduleOf(8)))
  })

  test('contain every fault', () => {
    const all = Array.from({length: 200}, (_, seed) => scheduleOf(seed)).flatMap(({up, down}) => [...up, ...down])
    expect(new Set(all.map(({kind}) => kind)).size).toBe(9)
    expect(new Set(all.map(({lasts}) => lasts)).size).toBe(3)
  })
})

describe('the list of members', () => {
  const entry = (name: string, uid: string) => `v1 ConfigMap mesh ${name} ${uid}\n`

  test('has all live members with their UIDs', () => {
    expect(memberProblems(keyed(parent(entry('a', 'uid-a')), object('a', partOf)), 'mesh', none)).toEqual([])
  })

  test.each([
    ['a pending entry', entry('a', '-'), 'pending entry'],
    ['an object that does not exist', entry('a', 'uid-a') + entry('b', 'uid-b'), 'no object for'],
    ['another object', entry('a', 'uid-a') + entry('b', 'uid-parent'), 'has the UID of'],
    ['no entry', '', 'does not list /api/v1/configmaps mesh/a'],
    ['an entry twice', entry('a', 'uid-a') + entry('a', 'uid-a'), 'twice'],
  ])('%s is a problem', (_, members, problem) => {
    expect(memberProblems(keyed(parent(members), object('a', partOf)), 'mesh', none).join('\n')).toContain(problem)
  })

  test('an object of another owner is not a member', () => {
    const objects = keyed(parent(entry('theirs', 'uid-theirs')), object('theirs', partOf))
    const theirs = new Set(['/api/v1/configmaps mesh/theirs'])
    expect(memberProblems(objects, 'mesh', theirs)).toEqual([
      expect.stringContaining('lists an object of another owner'),
    ])
    expect(memberProblems(keyed(parent(''), object('theirs', partOf)), 'mesh', theirs)).toEqual([])
  })
})

test('a changed, replaced or removed object of another owner is a problem', () => {
  const before = keyed(object('theirs'))
  const keys = new Set(Object.keys(before))
  const changed = (metadata: object) =>
    keyed({...object('theirs'), metadata: {...object('theirs').metadata, ...metadata}})
  expect(foreignProblems(before, keyed(object('theirs')), keys)).toEqual([])
  expect(foreignProblems(before, changed({resourceVersion: '2'}), keys)).toHaveLength(1)
  expect(foreignProblems(before, changed({uid: 'other'}), keys)).toHaveLength(1)
  expect(foreignProblems(before, {}, keys)).toHaveLength(1)
})

test('states differ if an object is missing, exists twice or has other values, and not by UIDs and versions', () => {
  const state = (...objects: AnyObject[]) => comparableState([keyed(...objects)], 'mesh', [none])
  const again = {...object('a'), metadata: {...object('a').metadata, uid: 'new', resourceVersion: '9'}}
  expect(differences(state(object('a')), state(again))).toEqual([])
  expect(differences(state(parent('v1 X mesh a 1\n')), state(parent('v1 X mesh a 2\n')))).toEqual([])
  expect(differences(state(object('a')), state())).toEqual([expect.stringContaining('is missing')])
  expect(differences(state(object('a')), state(object('a'), object('a-2')))).toEqual([
    expect.stringContaining('exists'),
  ])
  expect(differences(state(object('a', {}, {x: '1'})), state(object('a', {}, {x: '2'})))).toHaveLength(1)
})

describe('the end of a run', () => {
  const injection = (all: number, known: number, killed = false): Injection => ({
    onStart: () => undefined,
    occurred: [],
    killed,
    seen: {request: 0, write: 0},
    written: () => ({all, known}),
  })
  const ended = (code: number, stderr = 'error: west: failed\n') => ({code, stdout: '', stderr})

  test.each([
    ['0', ended(0, ''), injection(3, 3)],
    ['3 before the first write', ended(3), injection(0, 0)],
    ['3 after a write whose response was lost', ended(3), injection(1, 0)],
    ['4 after a write', ended(4), injection(1, 1)],
    ['a kill', ended(-1, ''), injection(1, 1, true)],
  ])('%s is as expected', (_, result, of) => expect(exitProblems(result, of)).toEqual([]))

  test.each([
    ['3 after a write', ended(3), injection(1, 1)],
    ['4 without a write', ended(4), injection(0, 0)],
    ['2', ended(2), injection(0, 0)],
    ['a run without an end', ended(-1, ''), injection(1, 1)],
    ['an unexpected error', ended(3, 'error: unexpected: x is not a function\n'), injection(0, 0)],
    ['no message', ended(3, ''), injection(0, 0)],
  ])('%s is a problem', (_, result, of) => expect(exitProblems(result, of)).toHaveLength(1))

  test('without faults, only 0 and the message of a finished removal are as expected', () => {
    expect(calmProblems(ended(0, ''))).toEqual([])
    expect(calmProblems(ended(3))).toHaveLength(1)
    expect(calmProblems(ended(3, 'error: one: there is no tenant a\n'), /there is no tenant/)).toEqual([])
  })
})
