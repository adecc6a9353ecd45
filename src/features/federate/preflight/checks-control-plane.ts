import {missingSailOperator} from '../../../control-plane/sail.ts'
import {isSail} from '../../../control-plane/value-hints.ts'
import {chartNextTo} from '../../../istio/render/charts.ts'
import {controlPlaneApplySet} from '../../../mesh/control-plane/objects.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readRemoteRecord} from '../../../mesh/record.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import type {Federation} from '../spec.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import {installHints} from './install-hint.ts'
import type {FederationCheck} from './subject.ts'

const istioCrds: FederationCheck = {
  id: 'istio-crds',
  about: "Istio's CustomResourceDefinitions are installed",
  lasting: {role: 'primary'},
  run: forEachMember((member, {spec}) => {
    // A remote has no Istio configuration: istiod reads that of the primary.
    const isNeeded = member.primary === undefined && !isDefinedByRendering(member, spec)
    // Without a control plane, its check reports that Istio is missing.
    const isKept = member.controlPlane || member.rendered
    if (member.facts?.hasIstioCrds || !isNeeded || !isKept) return undefined
    return {
      message: "Istio's CustomResourceDefinitions are missing",
      hints: definitionsHints(member, spec),
    }
  }),
}

/** istioctl renders the definitions, and so does helm if the base chart is found. An Istio resource does not. */
function isDefinedByRendering({rendered}: MeshMember, {controlPlane: via, chart}: Federation): boolean {
  return rendered !== undefined && (via === 'istioctl' || (via === 'helm' && chartNextTo(chart, 'base') !== undefined))
}

function definitionsHints(member: MeshMember, spec: Federation): string[] {
  const {context, controlPlane, rendered} = member
  const manager = rendered ? undefined : controlPlane?.manager
  if (manager?.tool === 'helm' || (rendered && spec.controlPlane === 'helm'))
    return [
      `helm install istio-base istio/base ${contextFlags(context, '--kube-context')} --namespace ${spec.systemNamespace} --create-namespace`,
    ]
  if (manager && !isSail(manager)) return [`install the chart istio/base with ${manager.name}, which manages istiod`]
  return manager || rendered ? ['install the Sail operator, which includes them'] : installHints(member, spec)
}

const sailOperator: FederationCheck = {
  id: 'sail-operator',
  about: 'the Sail operator is installed where it must create the control plane',
  run: forEachMember(({rendered, facts, context}) => {
    if (!rendered || facts?.hasSailCrds !== false) return undefined
    const {message, hints} = missingSailOperator('--control-plane istioctl')
    const look = `kubectl ${contextFlags(context)} get customresourcedefinitions istios.sailoperator.io`
    return {message, hints: [...hints, look]}
  }),
}

const runningControlPlane: FederationCheck = {
  id: 'control-plane',
  about: 'a control plane of the revision is running',
  lasting: {role: 'primary'},
  run: forEachMember((member, {spec}) => {
    if (member.primary !== undefined) return undefined
    if (!member.controlPlane) return missingControlPlane(member, spec)
    const {ready, replicas} = member.controlPlane
    if (ready > 0) return undefined
    return {
      level: 'warning',
      message: `istiod is not ready (0 of ${replicas})`,
      hints: [`kubectl ${contextFlags(member.context)} -n ${spec.systemNamespace} get pods -l app=istiod`],
    }
  }),
}

function missingControlPlane(member: MeshMember, spec: Federation): MemberFinding {
  const existing = member.facts?.controlPlanes.map(({revision}) => revision) ?? []
  const primary = readRemoteRecord(member.facts?.record)?.primary
  return {
    message: `no istiod of revision ${revisionText(member, spec)} in namespace ${spec.systemNamespace}`,
    hints: [
      ...(primary === undefined ? [] : [`the cluster joined as a remote of ${primary}: add --mode primary-remote`]),
      // Beside other control planes, an installation would get the name of a mistyped tag, or take over the tag `default`.
      ...(existing.length > 0
        ? [`existing revisions: ${existing.join(', ')} (set --revision to one of them, or to a revision tag)`]
        : installHints(member, spec)),
    ],
  }
}

/** The revision of a cluster, with the tag that names it. */
function revisionText({revision = 'default'}: MeshMember, {revision: requested = 'default'}: Federation): string {
  return revision === requested ? revision : `${revision} (of tag ${requested})`
}

/** The record stores the files of `--values` too: without them, the control plane would get other values. */
const controlPlaneRecord: FederationCheck = {
  id: 'control-plane-record',
  about: 'the record of each control plane that kubectl-mesh installed exists',
  run: forEachMember(({lostControlPlane, rendered, revision}, {spec: {systemNamespace}}) => {
    if (!lostControlPlane) return undefined
    const {name} = controlPlaneApplySet({systemNamespace, revision})
    const missing = `ConfigMap ${name} in namespace ${systemNamespace}, the record of the control plane, is missing`
    const hints = ['set --values again (and --set) to list the objects in a new record; without files: --reset values']
    if (!rendered) return {level: 'warning', message: `${missing}; the control plane stays as it is`, hints}
    return {message: `${missing}, and the control plane must change: its values are unknown`, hints}
  }),
}

/** Settings for control planes apply only to those that this run renders. */
const keptControlPlane: FederationCheck = {
  id: 'kept-control-plane',
  about: 'settings for control planes apply to every cluster',
  run: forEachMember(({rendered, controlPlane, lostControlPlane}, {spec}) => {
    const {set, values, certProvider} = spec
    if (spec.controlPlane === 'keep' || rendered || lostControlPlane || !controlPlane) return undefined
    const flags = [
      ...(set.length > 0 ? ['--set'] : []),
      ...(values.length > 0 ? ['--values'] : []),
      ...(certProvider === 'istiod' ? [] : ['--cert-provider']),
    ]
    if (flags.length === 0) return undefined
    return {
      level: 'warning',
      message: `the control plane matches the mesh and is kept: ${flags.join(', ')} ${flags.length === 1 ? 'has' : 'have'} no effect on it`,
      hints: ['change these settings where you install Istio from'],
    }
  }),
}

/** Checks that control planes exist, or can be created. */
export const controlPlaneChecks: readonly FederationCheck[] = [
  istioCrds,
  sailOperator,
  runningControlPlane,
  controlPlaneRecord,
  keptControlPlane,
]
