import {type HelmValue, type HintTarget, istioctlInstall, valueHints} from '../../../control-plane/value-hints.ts'
import {managerOf} from '../../../engine/kubernetes/manager.ts'
import {injectionPath} from '../../../istio/remote.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {injectedNetwork} from '../../../mesh/primary-remote.ts'
import type {Federation} from '../spec.ts'

/** What identifies the control plane of a cluster in a Spec. */
type Where = Pick<Federation, 'systemNamespace'>

/**
 * Returns how to give a control plane the values that it needs for this Spec. An existing one keeps its other values, its
 * trust domain among them, because the identities of all workloads depend on it.
 */
export function installHints(member: MeshMember, spec: Federation): string[] {
  const values: HelmValue[] = [
    {path: 'global.meshID', value: spec.meshId ?? member.controlPlane?.meshId ?? 'mesh1'},
    {path: 'global.multiCluster.clusterName', value: member.cluster},
    ...(spec.singleNetwork ? [] : [{path: 'global.network', value: member.network}]),
    ...(spec.mode === 'gateways' && spec.dns === 'istio' ? [dnsCaptureValue] : []),
    ...(spec.mode === 'primary-remote' ? [servesRemotesValue] : []),
  ]
  if (member.controlPlane) return controlPlaneHints(member, spec, values)
  const trustDomain = spec.trustDomain ? [{path: 'meshConfig.trustDomain', value: spec.trustDomain}] : []
  return [
    'to let federate install it: add --control-plane istioctl (or helm, sail)',
    `or: ${istioctlInstall(targetOf(member, spec), [...values, ...trustDomain])}`,
  ]
}

/** Sidecars answer DNS queries. A value of proxyMetadata is a text. */
export const dnsCaptureValue: HelmValue = {
  path: 'meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE',
  value: 'true',
}

/** istiod serves remote clusters. */
export const servesRemotesValue: HelmValue = {path: 'global.externalIstiod', value: true}

/** Returns how to change values of an existing control plane with the tool that manages it. */
export function controlPlaneHints(member: MeshMember, where: Where, values: readonly HelmValue[]): string[] {
  return valueHints(targetOf(member, where), values)
}

/**
 * Returns how to make a cluster a remote. What installed its webhook, or a former istiod, has to change it.
 *
 * @param address of the primary's istiod
 */
export function remoteInstallHints(
  remote: MeshMember,
  primary: MeshMember,
  address: string,
  spec: Federation,
): string[] {
  const values: HelmValue[] = [
    {path: 'profile', value: 'remote'},
    {
      path: 'istiodRemote.injectionPath',
      value: injectionPath(remote.cluster, injectedNetwork(remote, primary, spec.singleNetwork)),
    },
    {path: 'global.remotePilotAddress', value: address},
  ]
  const injector = remote.facts?.primaryRemote?.injector
  const manager = remote.controlPlane?.manager ?? (injector && managerOf(injector))
  const target = {...targetOf(remote, spec), manager}
  return remote.controlPlane || injector ? valueHints(target, values) : [istioctlInstall(target, values)]
}

/** Marks hints that are another way than the ones before. */
export function alternatively(hints: readonly string[]): string[] {
  return hints.map((hint, at) => (at === 0 ? `or: ${hint}` : hint))
}

function targetOf({context, revision, controlPlane}: MeshMember, {systemNamespace}: Where): HintTarget {
  return {context, systemNamespace, revision, version: controlPlane?.version, manager: controlPlane?.manager}
}
