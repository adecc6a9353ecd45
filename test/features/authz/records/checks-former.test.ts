import {expect, test} from 'vitest'
import {buildProvider} from '../../../../src/features/authz/objects.ts'
import {formerUnused} from '../../../../src/features/authz/records/checks-former.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {attach, host} from '../samples.ts'

const spec = attach({via: 'envoy-filter'})
const record = {via: 'mesh-config', revisions: ['default'], existing: [], former: []} as never
const places = {
  provider: buildProvider(spec, host),
  places: [],
  live: new Map([['default', [{name: 'ext'}]]]),
  record,
  via: spec.via,
}
const users = [{apiVersion: 'v1', kind: 'AuthorizationPolicy', metadata: {name: 'a', namespace: 'b'}}]

test('a policy of another owner that uses the former provider', () => {
  const [finding, ...more] = runChecks([formerUnused], {...places, users})
  expect(finding).toMatchObject({level: 'warning', message: expect.stringMatching(/^provider ext stays .* uses it$/)})
  expect(more).toEqual([])
})

test.each([
  ['no such policy', {users: []}],
  ['no former provider', {live: new Map()}],
])('%s', (_, more) => expect(runChecks([formerUnused], {...places, ...{users, ...more}})).toEqual([]))
