import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {differs} from '../../../src/engine/plan/differs.ts'

const live: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {name: 'x', labels: {a: '1', b: '2'}, resourceVersion: '1', generation: 1, managedFields: []},
  spec: {ports: [{port: 1}, {port: 2}]},
  status: {loadBalancer: {}},
}

test.each<[string, Partial<KubernetesObject>, boolean]>([
  ['nothing', {}, false],
  ['the order of keys', {metadata: {...live.metadata, labels: {b: '2', a: '1'}}}, false],
  ['status', {status: {loadBalancer: {ingress: []}}}, false],
  ['metadata that the server writes', {metadata: {...live.metadata, resourceVersion: '2', generation: 2}}, false],
  ['a label', {metadata: {...live.metadata, labels: {a: '1'}}}, true],
  ['the order of items', {spec: {ports: [{port: 2}, {port: 1}]}}, true],
  ['a new field', {data: {}}, true],
])('a change of %s: %s', (_, change, expected) => expect(differs(live, {...live, ...change})).toBe(expected))
