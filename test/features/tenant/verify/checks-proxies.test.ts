import {expect, test} from 'vitest'
import type {SyncState} from '../../../../src/features/tenant/proxies/istio-syncz.ts'
import {proxyChecks} from '../../../../src/features/tenant/verify/checks-proxies.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {factsOf} from './samples.ts'

/** The findings of tenant a, whose istiod knows its pod with this state. */
function findingsOf(state: SyncState | undefined, unread: string[] = []) {
  const facts = factsOf()
  const [tenant] = facts.tenants
  const proxies = state ? [{name: 'web', namespace: 'app-1', cluster: 'c', types: [{type: 'LDS', state}]}] : []
  const observed = {istiods: [{pod: 'istiod-1', proxies}], unread}
  return runChecks(proxyChecks, {tenant: tenant!, facts: {...facts, proxies: new Map([[tenant!, observed]])}})
}

test('a proxy in sync is no finding', () => expect(findingsOf('SYNCED')).toEqual([]))

test.each([
  [undefined, 'error', 'app-1/web is running, but it is not connected to istiod'],
  ['ERROR', 'error', 'app-1/web is not in sync with istiod-1: LDS ERROR'],
  ['STALE', 'warning', 'app-1/web is not in sync with istiod-1: LDS STALE'],
  ['NOT SENT', 'warning', 'app-1/web is not in sync with istiod-1: NOT SENT'],
] as const)('%s', (state, level, message) => {
  expect(findingsOf(state)).toMatchObject([{level, message, hints: ['kubectl -n app-1 logs web -c istio-proxy']}])
})

test('a page that could not be read is a warning, and proxies that may be connected there are not reported', () => {
  expect(findingsOf(undefined, ['403'])).toMatchObject([
    {level: 'warning', message: expect.stringContaining('unknown')},
  ])
})

test('without a ready istiod there is nothing to check', () => {
  const facts = factsOf()
  expect(runChecks(proxyChecks, {tenant: facts.tenants[0]!, facts})).toEqual([])
})
