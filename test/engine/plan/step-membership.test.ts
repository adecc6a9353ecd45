import {expect, test} from 'vitest'
import type {Edit} from '../../../src/engine/kubernetes/change.ts'
import type {MemberList} from '../../../src/engine/kubernetes/member-record.ts'
import {refKey} from '../../../src/engine/kubernetes/object.ts'
import {withMembership} from '../../../src/engine/plan/step-membership.ts'

const set = {name: 'set', namespace: 'ns', kinds: []}
const ref = {apiVersion: 'v1', kind: 'Namespace', name: 'app'}
const live = {...ref, metadata: {name: 'app', uid: '1'}}
const change: Edit = {action: 'edit', cluster: 'east', wave: 50, target: ref, edits: [], create: true}
const listOf = (uid: string | undefined): MemberList => new Map([[refKey(ref), {ref, uid}]])

test.each<[string, Partial<Edit>, MemberList, boolean]>([
  ['of another owner', {}, listOf(undefined), false],
  ['that we created, with an intent', {isOurs: true}, listOf(undefined), true],
  ['that we created, not listed', {isOurs: true}, new Map(), true],
  ['that we created, before there is a list', {isOurs: true}, undefined, true],
  ['that we created, listed', {isOurs: true}, listOf('1'), false],
  ['that we created again', {isOurs: true}, listOf('2'), true],
])('an edited object %s (%#)', (_, more, list, adopts) => {
  const step = {change: {...change, ...more}, ref, verdict: 'unchanged', live, merged: live} as const
  expect(withMembership(step, {set, manager: 'kubectl-mesh'}, () => list).adopts === true).toBe(adopts)
})
