import type {Check} from '../../../findings/check.ts'
import {controlPlaneChecks} from './checks-control-plane.ts'
import {namespaceChecks} from './checks-namespaces.ts'
import {podChecks} from './checks-pods.ts'
import {proxyChecks} from './checks-proxies.ts'
import {webhookChecks} from './checks-webhooks.ts'
import type {TenantSubject} from './subject.ts'

/** The order in which `mesh tenant verify` reports its checks of a tenant. */
const order = [
  'istiod-ready',
  'revision-unique',
  'namespace-own',
  'record-agrees',
  'selects-itself',
  'apart',
  'webhooks',
  'one-injector',
  'labels-agree',
  'ambient',
  'pods',
  'proxies-synced',
  'root-cert',
  'mtls-strict',
  'resources-revised',
]

/** All checks of one tenant (facts of Istio 1.24–1.31). */
export const tenantChecks: readonly Check<TenantSubject>[] = [
  ...controlPlaneChecks,
  ...webhookChecks,
  ...namespaceChecks,
  ...podChecks,
  ...proxyChecks,
].toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id))

/** The checks that also apply to a control plane that is no tenant, such as that of the mesh. */
const general = [
  'istiod-ready',
  'revision-unique',
  'selects-itself',
  'webhooks',
  'one-injector',
  'pods',
  'proxies-synced',
  'root-cert',
]

/** The checks of a tenant without those that need a ready istiod, if there is none. */
export function applicableChecks({tenant, facts}: TenantSubject): readonly Check<TenantSubject>[] {
  return facts.proxies.has(tenant) ? tenantChecks : tenantChecks.filter(({id}) => id !== 'proxies-synced')
}

/** The checks of a control plane that is not separated from others. */
export function generalChecks(subject: TenantSubject): readonly Check<TenantSubject>[] {
  return applicableChecks(subject).filter(({id}) => general.includes(id))
}
