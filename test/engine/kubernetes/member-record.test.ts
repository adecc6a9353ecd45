import {describe, expect, test} from 'vitest'
import {formatMembers, type Member, parseMembers} from '../../../src/engine/kubernetes/member-record.ts'
import {refKey} from '../../../src/engine/kubernetes/object.ts'

const members: Member[] = [
  {ref: {apiVersion: 'v1', kind: 'Secret', namespace: 'mesh', name: 'x'}, uid: 'u-2'},
  {ref: {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'system:a'}, uid: undefined},
]
const record = new Map(members.map(member => [refKey(member.ref), member]))
const parent = (data: unknown) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {namespace: 'mesh', name: 'p'},
  data,
})

describe('member record', () => {
  test('is one sorted line per member, and reads back', () => {
    const text = formatMembers(record)
    expect(text).toBe('rbac.authorization.k8s.io/v1 ClusterRole - system:a -\nv1 Secret mesh x u-2\n')
    expect(parseMembers(parent({members: text}))).toEqual(record)
  })

  test.each([undefined, parent(undefined), parent({cluster: 'east'})])('a parent without a list has none: %#', old =>
    expect(parseMembers(old)).toBeUndefined(),
  )

  test('an empty list has no members', () => expect(parseMembers(parent({members: ''}))).toEqual(new Map()))

  test.each(['v1 Secret mesh x', 'v1 Secret mesh x u 1', 'v1  mesh x u', '{}'])('rejects the line %s', line =>
    expect(() => parseMembers(parent({members: `${line}\n`}))).toThrow(
      /configmap\/p in namespace mesh: the value of members/,
    ),
  )

  test('does not exceed a ConfigMap', () => {
    const name = 'n'.repeat(250)
    const many = Array.from({length: 4000}, (_, i) => ({
      ref: {apiVersion: 'v1', kind: 'Secret', namespace: 'mesh', name: `${name}${i}`},
      uid: undefined,
    }))
    const full = new Map(many.map(member => [refKey(member.ref), member]))
    expect(() => formatMembers(full)).toThrow('4000 created objects do')
  })
})
