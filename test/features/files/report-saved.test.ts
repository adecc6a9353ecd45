import {describe, expect, test} from 'vitest'
import type {Step} from '../../../src/engine/plan/plan.ts'
import {changedSince, savedPlanOf} from '../../../src/features/files/report-saved.ts'
import {documentOf, kindOf, planned, planOf, stepOf} from './samples.ts'

const document = documentOf(kindOf('Tenant'), 'shop')
const plan = (...steps: Step[]) => [planned(document, [planOf('east', ...steps)])]

/** A step whose live object has a version and data. */
function live(step: Step, resourceVersion: string, data: Record<string, string> = {}, status?: object): Step {
  const object = {...step.live!, data, ...(status ? {status} : {})}
  return {...step, live: {...object, metadata: {...object.metadata, resourceVersion}}}
}

test('a saved plan lists the changes with versions and digests, and no object', () => {
  const saved = savedPlanOf(
    plan(stepOf('new', 'create'), live(stepOf('old', 'update'), '7', {a: 'b'}), stepOf('x', 'unchanged')),
  )
  const digest = expect.stringMatching(/^[0-9a-f]{64}$/)
  const object = {apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns'}
  expect(saved.documents).toEqual([
    {
      kind: 'Tenant',
      name: 'shop',
      context: 'east',
      file: 'shop.yaml',
      line: 1,
      column: 1,
      spec: {},
      changes: [
        {cluster: 'east', action: 'create', object: {...object, name: 'new'}, after: digest},
        {
          cluster: 'east',
          action: 'update',
          object: {...object, name: 'old'},
          resourceVersion: '7',
          before: digest,
          after: digest,
        },
      ],
    },
  ])
})

test('a Secret has no digest, because one can be compared with guesses', () => {
  const step = live(stepOf('a', 'update'), '7', {password: 'x'})
  const [saved] = savedPlanOf(plan({...step, ref: {...step.ref, kind: 'Secret'}})).documents
  expect(saved!.changes).toEqual([
    {
      cluster: 'east',
      action: 'update',
      object: {apiVersion: 'v1', kind: 'Secret', namespace: 'ns', name: 'a'},
      resourceVersion: '7',
    },
  ])
})

describe('what has changed since', () => {
  const update = stepOf('a', 'update')
  const changed = (before: Step[], after: Step[]) =>
    changedSince(savedPlanOf(plan(...before)), plan(...after)).map(({message}) => message.replace(/^.*\): /, ''))

  test.each<[string, Step[], Step[], string[]]>([
    ['nothing', [live(update, '7')], [live(update, '7')], []],
    [
      'only the version and the status, as controllers do',
      [live(update, '7')],
      [live(update, '8', {}, {ready: 1})],
      [],
    ],
    [
      'the object',
      [live(update, '7', {a: 'b'})],
      [live(update, '8', {a: 'c'})],
      ['east: update ConfigMap ns/a: the object has changed'],
    ],
    [
      'another change',
      [live(update, '7')],
      [live(update, '7'), stepOf('b', 'create')],
      ['east: create ConfigMap ns/b is not in the saved plan'],
    ],
    ['one change less', [live(update, '7')], [], ['east: update ConfigMap ns/a is no longer needed']],
    [
      'another action',
      [stepOf('a', 'create')],
      [live(update, '7')],
      ['east: update ConfigMap ns/a is not in the saved plan', 'east: create ConfigMap ns/a is no longer needed'],
    ],
  ])('%s', (_, before, after, expected) => expect(changed(before, after)).toEqual(expected))

  test('what the change applies, such as from a file on this computer', () => {
    const other = {...stepOf('a', 'create')}
    const change = {...other.change, object: {...other.merged!, data: {a: 'b'}}} as Step['change']
    expect(changed([stepOf('a', 'create')], [{...other, change}])).toEqual([
      'east: create ConfigMap ns/a: the object has changed',
    ])
  })

  test('a Secret with another version', () => {
    const secret = (version: string) => {
      const step = live(stepOf('a', 'update'), version)
      return {...step, ref: {...step.ref, kind: 'Secret'}}
    }
    expect(changed([secret('7')], [secret('8')])).toEqual(['east: update Secret ns/a: the object has changed'])
  })
})
