import {injectionPath} from '../../../istio/remote.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {injectedNetwork} from '../../../mesh/primary-remote.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {Federation} from '../spec.ts'

/** Returns the `istioctl install` command with the values that a control plane needs for this Spec. */
export function installHint(member: MeshMember, spec: Federation): string {
  const meshId = spec.meshId ?? member.controlPlane?.meshId ?? 'mesh1'
  return installCommand(member, spec, [
    `values.global.meshID=${meshId}`,
    `values.global.multiCluster.clusterName=${member.cluster}`,
    ...(spec.singleNetwork ? [] : [`values.global.network=${member.network}`]),
    ...(spec.trustDomain ? [`meshConfig.trustDomain=${spec.trustDomain}`] : []),
    ...(spec.mode === 'gateways' && spec.dns === 'istio'
      ? ['meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE=true']
      : []),
    ...(spec.mode === 'primary-remote' ? ['values.global.externalIstiod=true'] : []),
  ])
}

/**
 * Returns the `istioctl install` command that makes a cluster a remote.
 *
 * @param address of the primary's istiod
 */
export function remoteInstallHint(remote: MeshMember, primary: MeshMember, address: string, spec: Federation): string {
  const network = injectedNetwork(remote, primary, spec.singleNetwork)
  return installCommand(remote, spec, [
    'profile=remote',
    `values.istiodRemote.injectionPath=${injectionPath(remote.cluster, network)}`,
    `values.global.remotePilotAddress=${address}`,
  ])
}

function installCommand({context}: MeshMember, spec: Federation, values: readonly string[]): string {
  const all = [
    ...values,
    ...(spec.systemNamespace === 'istio-system' ? [] : [`values.global.istioNamespace=${spec.systemNamespace}`]),
  ]
  const revision = spec.revision ? ` --revision ${spec.revision}` : ''
  return `istioctl install --context ${shellWord(context)}${revision} ${all.map(value => `--set ${shellWord(value)}`).join(' ')}`
}
