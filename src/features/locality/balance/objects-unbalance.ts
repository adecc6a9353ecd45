import {applySetParentRemoval} from '../../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change, Edit} from '../../../engine/kubernetes/change.ts'
import {type KubernetesObject, refOf} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {ownersOf} from '../../../engine/plan/managed.ts'
import {removalOf} from '../../../engine/plan/prune.ts'
import {hostOfRule, type MeshHost} from '../../../istio/mesh-host.ts'
import {settingOwner, trafficDistributionAnnotation} from './objects.ts'
import type {LocalityRecord} from './read-records.ts'
import {settingsKeyOf} from './spec-stored.ts'

/** What `mesh locality unbalance` reads. */
export interface UnbalanceFacts {
  records: readonly LocalityRecord[]
  rules: readonly KubernetesObject[]
  services: readonly KubernetesObject[]
  clusterDomain: string
  /** Our field manager. */
  manager: string
}

/** The hosts that earlier runs have balanced: those of recorded rules, and those with stored settings. */
export function balancedHosts({records, clusterDomain}: UnbalanceFacts): string[] {
  const ofRules = records.flatMap(({membership}) => membership.objects.map(rule => hostOfRule(rule, clusterDomain)))
  // The key of a long host is a hash, without a dot.
  const stored = records.flatMap(keysOf).filter(key => key.includes('.') && !key.startsWith('_'))
  return [...new Set([...ofRules, ...stored])].sort()
}

/** The changes that take back the settings of one host. Empty if no earlier run has balanced it. */
export function buildUnbalance(cluster: string, {host, service}: MeshHost, facts: UnbalanceFacts): Change[] {
  const {records, rules, services, clusterDomain, manager} = facts
  const isForHost = (rule: KubernetesObject) => hostOfRule(rule, clusterDomain) === host
  const own = records.flatMap(({membership, set}) =>
    membership.objects
      .filter(isForHost)
      .map(rule => ({...removalOf(cluster, rule, waves.exposure), memberOf: set}) as const),
  )
  const removed = new Set(own.map(({target}) => `${target.namespace}/${target.name}`))
  const extended = rules
    .filter(rule => isForHost(rule) && !removed.has(`${rule.metadata.namespace}/${rule.metadata.name}`))
    .filter(rule => ownersOf(rule, settingOwner).includes(manager))
    .map(rule => withoutOurFields(cluster, rule))
  const ofService = services
    .filter(({metadata}) => metadata.name === service?.name && metadata.namespace === service.namespace)
    .flatMap(one => preferCloseUndo(cluster, one, manager))
  return [...own, ...extended, ...ofService]
}

/** An apply without fields: the server removes those that only we own. */
function withoutOurFields(cluster: string, live: KubernetesObject): Apply {
  const {apiVersion, kind, ...metadata} = refOf(live)
  return {action: 'apply', cluster, wave: waves.exposure, stays: true, object: {apiVersion, kind, metadata}}
}

function preferCloseUndo(cluster: string, service: KubernetesObject, manager: string): Change[] {
  const isOwn = (...path: string[]) => ownersOf(service, path).includes(manager)
  const annotation: Edit = {
    action: 'edit',
    cluster,
    wave: waves.exposure,
    target: refOf(service),
    edits: [{at: 'annotation', key: trafficDistributionAnnotation, value: undefined}],
    undoes: true,
  }
  return [
    ...(isOwn('f:spec', 'f:trafficDistribution') ? [withoutOurFields(cluster, service)] : []),
    ...(isOwn('f:metadata', 'f:annotations', `f:${trafficDistributionAnnotation}`) ? [annotation] : []),
  ]
}

/**
 * The changes that remove hosts from the records. A record that lists nothing else is removed.
 *
 * @param hosts the hosts that lose their settings
 */
export function buildForget(cluster: string, hosts: readonly string[], facts: UnbalanceFacts): Change[] {
  const keys = new Set(hosts.map(settingsKeyOf))
  return facts.records.flatMap(record => {
    const {settings, membership, set} = record
    const forgotten = keysOf(record).filter(key => keys.has(key))
    const staysListed = membership.objects.some(rule => !hosts.includes(hostOfRule(rule, facts.clusterDomain)))
    const isLast = !staysListed && forgotten.length === keysOf(record).length
    const parent = isLast && membership.parent ? [applySetParentRemoval(set, cluster)] : []
    if (!settings) return parent
    if (isLast) return [removalOf(cluster, settings, waves.namespaces), ...parent]
    if (forgotten.length === 0) return parent
    const forget: Edit = {
      action: 'edit',
      cluster,
      wave: waves.records,
      target: refOf(settings),
      edits: forgotten.map(key => ({at: 'data', key, value: undefined})),
      undoes: true,
    }
    return [forget, ...parent]
  })
}

function keysOf({settings}: LocalityRecord): string[] {
  return Object.keys((settings?.data ?? {}) as object)
}
