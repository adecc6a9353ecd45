import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {editObject} from '../../../src/engine/plan/edit.ts'
import {openshiftRef} from '../../../src/mesh/dns/facts.ts'
import {buildOpenshiftStub, buildOpenshiftUnstub} from '../../../src/mesh/dns/objects-openshift.ts'

const other = {name: 'corp', zones: ['corp.example'], forwardPlugin: {upstreams: ['10.0.0.1']}}
const dns = (servers?: object[]): KubernetesObject => ({
  apiVersion: openshiftRef.apiVersion,
  kind: 'DNS',
  metadata: {name: 'default'},
  spec: {logLevel: 'Normal', ...(servers ? {servers} : {})},
})
const facts = (object: KubernetesObject) => ({read: [], objects: [object]})

test.each([
  ['no servers', undefined],
  ['other servers', [other]],
])('the zone is forwarded and no longer forwarded with %s', (_, servers) => {
  const live = dns(servers)
  const after = (forward: string[], from: KubernetesObject) =>
    editObject(from, buildOpenshiftStub('east', forward, facts(from)).edits, 'm').merged
  const put = after(['10.0.0.53'], live)
  expect((put.spec as {servers: object[]}).servers).toEqual([
    ...(servers ?? []),
    {name: 'kubectl-mesh', zones: ['global'], forwardPlugin: {policy: 'Random', upstreams: ['10.0.0.53']}},
  ])
  expect(after(['10.0.0.53'], put)).toEqual(put)
  expect((after(['10.0.0.54'], put).spec as {servers: object[]}).servers).toHaveLength((servers ?? []).length + 1)
  const removed = editObject(put, buildOpenshiftUnstub('east').edits, 'm').merged
  expect((removed.spec as {servers: object[]}).servers).toEqual(servers ?? [])
  expect(buildOpenshiftUnstub('east')).toMatchObject({undoes: true})
})

test('the entry of another owner for the zone is refused', () => {
  const live = dns([{...other, zones: ['GLOBAL.']}])
  expect(() => buildOpenshiftStub('east', ['10.0.0.53'], facts(live))).toThrow(/already forwards global: .* has "corp"/)
})
