import type {Problem} from '../../../errors.ts'
import type {Tenant} from '../istio.ts'
import {istiodName} from '../istio-pods.ts'
import type {ObservedProxies} from './istio-states.ts'

/**
 * Returns a problem for each debug page of a tenant's istiods that could not be read. Pods that its injector configured
 * then have an unknown state.
 */
export function unreadProblems(tenant: Tenant, {unread}: ObservedProxies): Problem[] {
  return unread.map(reason => ({
    message: `the state of its proxies is unknown, because a debug page of istiod could not be read: ${reason}`,
    hints: [
      /\b403\b/.test(reason)
        ? `grant get and create of pods/portforward in namespace ${tenant.namespace}`
        : `kubectl -n ${tenant.namespace} port-forward deployment/${istiodName(tenant)} 8080`,
    ],
  }))
}

/** Formats a warning, as lines, about each page that could not be read. */
export function formatUnread(observed: ReadonlyMap<Tenant, ObservedProxies>): string[] {
  return [...observed].flatMap(([tenant, proxies]) =>
    unreadProblems(tenant, proxies).flatMap(({message, hints = []}) => [
      `warning: ${tenant.name}: ${message}`,
      ...hints.map(hint => `hint:  ${hint}`),
    ]),
  )
}
