import type {ControlPlaneRef} from '../../../control-plane/read.ts'
import type {ApplySet} from '../../../engine/kubernetes/applyset.ts'
import {applySetParent} from '../../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change, Edit} from '../../../engine/kubernetes/change.ts'
import {managedByLabels} from '../../../engine/kubernetes/labels.ts'
import type {ObjectRef} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import type {MeshHost} from '../../../istio/mesh-host.ts'
import {revisioned} from '../../../istio/names.ts'
import {resourceLabels} from '../../../istio/revision.ts'
import type {LocalitySetting} from '../istio-serve.ts'
import type {LocalityBalance} from './spec.ts'

/** The field of a DestinationRule that shows, by its owners, that an earlier run has balanced the host. In FieldsV1 keys. */
export const settingOwner = ['f:spec', 'f:trafficPolicy', 'f:loadBalancer', 'f:localityLbSetting'] as const

/** Annotation that Istio reads where Kubernetes before 1.31 has no field `trafficDistribution`. */
export const trafficDistributionAnnotation = 'networking.istio.io/traffic-distribution'

const ruleKind = {apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule'} as const

/**
 * The ApplySet of the DestinationRules that `mesh locality balance` creates. All revisions of a control plane read the same rules,
 * so a new record has no revision in its name. Version 0.1.0 had one for each revision; such a record keeps its name.
 */
export function localityApplySet(where: ControlPlaneRef): ApplySet {
  return {
    name: revisioned('kubectl-mesh-locality', where.revision),
    namespace: where.systemNamespace,
    kinds: [ruleKind],
  }
}

/**
 * The defaults, except for `maxEjectionPercent`: with its default of 10, most endpoints of a failed locality would stay in
 * use (istio.io/api networking/v1, OutlierDetection).
 */
export const outlierDetection = {
  consecutive5xxErrors: 5,
  interval: '10s',
  baseEjectionTime: '30s',
  maxEjectionPercent: 100,
} as const

/** The requested `localityLbSetting`, without `enabled`. */
export function buildLocalitySetting(
  spec: Pick<LocalityBalance, 'failover' | 'failoverPriority' | 'distribute'>,
): LocalitySetting {
  const failover = Object.entries(spec.failover).map(([from, to]) => ({from, to}))
  return {
    ...(failover.length > 0 ? {failover} : {}),
    ...(spec.failoverPriority.length > 0 ? {failoverPriority: spec.failoverPriority} : {}),
    ...(spec.distribute.length > 0 ? {distribute: spec.distribute} : {}),
  }
}

/** How one host is balanced. */
export interface BalancedHost {
  cluster: string
  host: MeshHost
  /** Namespace of a new rule: that of the service. */
  namespace: string
  /** The control plane, whose revision is resolved. A tenant reads only resources with the label of its revision. */
  controlPlane: {isTenant: boolean; revision: string | undefined}
  setting: LocalitySetting
  /** An existing rule of another owner for the host. Only our fields are added to it. */
  existing: ObjectRef | undefined
  /** Whether to set outlier detection. False if the existing rule has its own. */
  setsOutlierDetection: boolean
  /** The set of the record that lists the rule, if it is not the one in which new rules are listed. */
  memberOf?: ApplySet | undefined
}

/** Name of a new rule for a host: `web-locality`. */
export function ruleName({host, service}: MeshHost): string {
  return service ? `${service.name}-locality` : `${host.replaceAll('.', '-').slice(0, 240)}-locality`
}

/** The DestinationRule with locality settings, and with outlier detection, without which nothing fails over. */
export function buildBalance(balanced: BalancedHost): Apply {
  const {cluster, existing, host, setting} = balanced
  const trafficPolicy = {
    loadBalancer: {localityLbSetting: {enabled: true, ...setting}},
    ...(balanced.setsOutlierDetection ? {outlierDetection: {...outlierDetection}} : {}),
  }
  const memberOf = balanced.memberOf ? {memberOf: balanced.memberOf} : {}
  const common = {action: 'apply', cluster, wave: waves.exposure, ...memberOf} as const
  if (existing) {
    const {apiVersion, kind, ...metadata} = existing
    return {...common, object: {apiVersion, kind, metadata, spec: {trafficPolicy}}}
  }
  const labels = resourceLabels(balanced.controlPlane)
  const metadata = {name: ruleName(host), namespace: balanced.namespace, labels}
  return {...common, object: {...ruleKind, metadata, spec: {host: host.host, trafficPolicy}}}
}

/**
 * The change for `--prefer-close`.
 *
 * @param how the field of the Service, or the annotation that Istio reads where Kubernetes before 1.31 has no such field
 */
export function buildPreferClose(
  cluster: string,
  service: {name: string; namespace: string},
  how: 'field' | 'annotation',
): Apply | Edit {
  const target = {apiVersion: 'v1', kind: 'Service', namespace: service.namespace, name: service.name}
  const common = {cluster, wave: waves.exposure}
  if (how === 'annotation')
    return {
      action: 'edit',
      ...common,
      target,
      edits: [{at: 'annotation', key: trafficDistributionAnnotation, value: 'PreferClose'}],
    }
  const {apiVersion, kind, ...metadata} = target
  return {
    action: 'apply',
    ...common,
    // The Service has another owner; only this field is ours.
    stays: true,
    object: {apiVersion, kind, metadata, spec: {trafficDistribution: 'PreferClose'}},
  }
}

/** The ConfigMap that stores the settings of hosts, one key per host. */
export function localitySettingsRef(where: ControlPlaneRef): ObjectRef {
  const name = revisioned('kubectl-mesh-locality-settings', where.revision)
  return {apiVersion: 'v1', kind: 'ConfigMap', namespace: where.systemNamespace, name}
}

/**
 * The record of the ApplySet, and the settings of the hosts. The settings are an edit: runs for other hosts may change theirs at
 * the same time.
 *
 * @param settings the stored settings by key; empty without hosts, which need no record
 */
export function buildLocalityRecord(
  cluster: string,
  where: ControlPlaneRef,
  settings: Readonly<Record<string, string>>,
): Change[] {
  if (Object.keys(settings).length === 0) return []
  const labels = Object.entries(managedByLabels).map(([key, value]) => ({at: 'label' as const, key, value}))
  const data = Object.entries(settings).map(([key, value]) => ({at: 'data' as const, key, value}))
  const edit: Edit = {
    action: 'edit',
    cluster,
    wave: waves.namespaces,
    target: localitySettingsRef(where),
    edits: [...labels, ...data],
    create: true,
    // It is in the system namespace. A killed run may have created it without listing its UID.
    isOurs: true,
  }
  return [applySetParent(localityApplySet(where), cluster, {cluster}), edit]
}
