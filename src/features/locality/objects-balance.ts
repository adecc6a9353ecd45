import {type ApplySet, applySetParent} from '../../engine/kubernetes/applyset.ts'
import type {Apply, Change, Edit} from '../../engine/kubernetes/change.ts'
import {managedByLabels, revisionLabels} from '../../engine/kubernetes/labels.ts'
import type {ObjectRef} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import type {MeshHost} from '../../istio/mesh-host.ts'
import {revisioned} from '../../istio/names.ts'
import type {LocalitySetting} from './istio.ts'

/** The ApplySet of what `mesh locality balance` makes in a control plane's namespaces. */
export function localityApplySet(where: {systemNamespace: string; revision: string | undefined}): ApplySet {
  return {
    name: revisioned('kubectl-mesh-locality', where.revision),
    namespace: where.systemNamespace,
    kinds: [{apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule'}],
  }
}

/**
 * When an endpoint is taken out of service, and for how long at first. Envoy's own values, but for `maxEjectionPercent`:
 * by default a tenth of the endpoints, so that a place that is down as a whole would never be given up.
 */
export const outlierDetection = {
  consecutive5xxErrors: 5,
  interval: '10s',
  baseEjectionTime: '30s',
  maxEjectionPercent: 100,
} as const

/** How one host is to be balanced. */
export interface BalancedHost {
  cluster: string
  host: MeshHost
  /** Of a rule that is made anew: the service's. */
  namespace: string
  revision: string | undefined
  setting: LocalitySetting
  /** The rule of others that serves the host already: only our fields are added to it. */
  existing: ObjectRef | undefined
  /** The existing rule has no outlier detection of others. */
  setsOutlierDetection: boolean
}

/** Name of the rule that is made for a host. */
export function ruleName({host, service}: MeshHost): string {
  return service ? `${service.name}-locality` : `${host.replaceAll('.', '-').slice(0, 240)}-locality`
}

/** A DestinationRule with locality settings and outlier detection, without which nothing fails over. */
export function buildBalance(balanced: BalancedHost): Apply {
  const {cluster, existing, host, setting} = balanced
  const trafficPolicy = {
    loadBalancer: {localityLbSetting: {enabled: true, ...setting}},
    ...(balanced.setsOutlierDetection ? {outlierDetection: {...outlierDetection}} : {}),
  }
  const common = {action: 'apply', cluster, wave: waves.exposure} as const
  if (existing) {
    const {apiVersion, kind, ...metadata} = existing
    return {...common, object: {apiVersion, kind, metadata, spec: {trafficPolicy}}}
  }
  const labels = {...managedByLabels, ...revisionLabels(balanced.revision)}
  const metadata = {name: ruleName(host), namespace: balanced.namespace, labels}
  const spec = {host: host.host, trafficPolicy}
  return {...common, object: {apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata, spec}}
}

/** What `--prefer-close` writes: the Service's own field, or before Kubernetes 1.31 Istio's annotation. */
export function buildPreferClose(
  cluster: string,
  service: {name: string; namespace: string},
  how: 'field' | 'annotation',
): Apply | Edit {
  const ref = {apiVersion: 'v1', kind: 'Service', namespace: service.namespace, name: service.name}
  const common = {cluster, wave: waves.exposure}
  if (how === 'annotation')
    return {
      action: 'edit',
      ...common,
      target: ref,
      edits: [{at: 'annotation', key: 'networking.istio.io/traffic-distribution', value: 'PreferClose'}],
    }
  const {apiVersion, kind, ...metadata} = ref
  return {
    action: 'apply',
    ...common,
    // the Service is not ours: nothing but the field is
    stays: true,
    object: {apiVersion, kind, metadata, spec: {trafficDistribution: 'PreferClose'}},
  }
}

/** The record of the set, where rules of ours are made. */
export function buildLocalityRecord(
  cluster: string,
  where: {systemNamespace: string; revision: string | undefined},
  changes: readonly Change[],
): Change[] {
  // a rule of others says its host itself
  const made = changes.some(
    change =>
      change.action === 'apply' &&
      change.object.kind === 'DestinationRule' &&
      (change.object.spec as {host?: string}).host !== undefined,
  )
  return made ? [applySetParent(localityApplySet(where), cluster, {cluster})] : []
}
