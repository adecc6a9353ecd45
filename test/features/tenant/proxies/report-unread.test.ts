import {expect, test} from 'vitest'
import {formatUnread} from '../../../../src/features/tenant/proxies/report-unread.ts'
import {tenantOf} from '../samples.ts'

test.each([
  ['Unexpected server response: 403', 'grant get and create of pods/portforward in namespace a'],
  ['no response within 10 s', 'kubectl -n a port-forward deployment/istiod-a 8080'],
])('%s', (reason, hint) => {
  expect(formatUnread(new Map([[tenantOf('a'), {istiods: [], unread: [reason]}]]))).toEqual([
    `warning: a: the state of its proxies is unknown, because a debug page of istiod could not be read: ${reason}`,
    `hint:  ${hint}`,
  ])
})
