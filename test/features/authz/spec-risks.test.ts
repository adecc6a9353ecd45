import {expect, test} from 'vitest'
import {authzAttachFields} from '../../../src/features/authz/spec.ts'
import {fewerRequests} from '../../../src/features/authz/spec-risks.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {
  formatSettings,
  mergeSettings,
  parseSettings,
  riskyChanges,
  type SettingsInput,
} from '../../../src/spec/settings.ts'
import type {RawAttach} from './samples.ts'

type Input = SettingsInput<typeof authzAttachFields>
const first = {name: 'ext', service: 'ext:9000', namespace: 'shop'}

/** Stores the settings of a run and returns what the next run has to describe. */
function risksOf(before: RawAttach, requested: RawAttach, more: Partial<Input> = {}) {
  const stored = parseSettings(
    authzAttachFields,
    formatSettings(authzAttachFields, readSpec(authzAttachFields, {...first, ...before})),
  )
  const input: Input = {stored, requested, reset: [], complete: false, ...more}
  return riskyChanges(authzAttachFields, input, readSpec(authzAttachFields, mergeSettings(authzAttachFields, input)))
}

test.each<[RawAttach, RawAttach, string, string]>([
  [
    {to: 'workload/a'},
    {to: 'workload/b'},
    'to',
    'workload/a will no longer be protected by the authorizer; workload/b will be',
  ],
  [{to: 'workload/a'}, {selector: ['app=b']}, 'to', 'workload/a will no longer be protected by the authorizer'],
  [
    {selector: ['app=a']},
    {selector: ['app=b']},
    'selector',
    'workloads with app=a will no longer be protected by the authorizer; those with app=b will be',
  ],
  [
    {to: 'workload/a'},
    {namespace: 'other'},
    'namespace',
    'workloads in namespace shop will no longer be protected by the authorizer; those in other will be',
  ],
  [{}, {paths: ['/a*']}, 'path', 'only requests with path /a* will be authorized; now those with any path are'],
  [
    {paths: ['/a', '/b']},
    {paths: ['/a']},
    'path',
    'only requests with path /a will be authorized; now those with /a, /b are',
  ],
  [{}, {notPaths: ['/health']}, 'not-path', 'requests to /health will skip authorization'],
  [{}, {methods: ['GET']}, 'method', 'only requests with method GET will be authorized; now those with any method are'],
  [{}, {fail: 'open'}, 'fail', 'requests will be allowed when the authorizer does not respond; now they are denied'],
])('%j, then %j', (before, requested, flag, text) =>
  expect(risksOf(before, requested)).toEqual([{flag, text, isExplicit: true}]),
)

test.each<[RawAttach, RawAttach]>([
  [{fail: 'open'}, {fail: 'closed'}],
  [{notPaths: ['/a']}, {notPaths: []}],
  [{to: 'workload/a'}, {to: 'workload/a', timeout: '1s'}],
  [{paths: ['/a']}, {paths: ['/a', '/b']}],
])('%j, then %j: nothing to describe', (before, requested) => expect(risksOf(before, requested)).toEqual([]))

test('what a file omits is not explicit', () => {
  const requested = {...first, selector: ['app=b']}
  expect(risksOf({selector: ['app=a'], fail: 'open'}, requested, {complete: true})).toMatchObject([{isExplicit: true}])
  expect(risksOf({methods: ['GET', 'PUT']}, first, {complete: true})).toEqual([])
  expect(risksOf({to: 'workload/a'}, first, {complete: true})).toMatchObject([{flag: 'to', isExplicit: false}])
})

test('an empty list means all requests', () => expect(fewerRequests('path')(['/a'], [])).toBeUndefined())
