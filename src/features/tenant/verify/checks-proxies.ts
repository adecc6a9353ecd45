import type {Check, Finding} from '../../../findings/check.ts'
import {type ProxyRow, proxyRows, unsyncedTypes} from '../proxies/istio-states.ts'
import {unreadProblems} from '../proxies/report-unread.ts'
import type {TenantSubject} from './subject.ts'

/** Checks what a tenant's istiods report about their proxies. It needs a ready istiod. */
export const proxyChecks: readonly Check<TenantSubject>[] = [
  {
    id: 'proxies-synced',
    about: 'its proxies are connected and in sync (debug pages of istiod)',
    run: ({tenant, facts}) => {
      const observed = facts.proxies.get(tenant)
      if (!observed) return []
      const unread = unreadProblems(tenant, observed).map((problem): Finding => ({...problem, level: 'warning'}))
      return [...unread, ...proxyRows(tenant, facts.pods, observed).flatMap(findingsOf)]
    },
  },
]

function findingsOf(row: ProxyRow): Finding[] {
  const {proxy, state, istiod} = row
  if (state === 'SYNCED' || state === 'UNKNOWN') return []
  const [namespace, name] = proxy.split('/')
  const hints = [`kubectl -n ${namespace} logs ${name} -c istio-proxy`]
  if (state === 'DISCONNECTED') return [{message: `${proxy} is running, but it is not connected to istiod`, hints}]
  const level = state === 'ERROR' ? 'error' : 'warning'
  return [{level, message: `${proxy} is not in sync with ${istiod}: ${unsyncedTypes(row) || state}`, hints}]
}
