import {expect, test} from 'vitest'
import {type Change, targetOf} from '../../../src/engine/kubernetes/change.ts'

const target = {apiVersion: 'v1', kind: 'ConfigMap', namespace: 'a', name: 'b'}
const common = {cluster: 'east', wave: 10} as const

test.each<Change>([
  {...common, action: 'apply', object: {apiVersion: 'v1', kind: 'ConfigMap', metadata: {namespace: 'a', name: 'b'}}},
  {...common, action: 'edit', target, edits: []},
  {...common, action: 'remove', target},
])('targetOf: $action', change => expect(targetOf(change)).toEqual(target))
