import {remoteRecordData} from '../../../../src/mesh/record.ts'
import {controlPlane, gatewayService, remoteSecret} from '../../../mesh/samples.ts'
import {injector, ledNamespace, type RemoteDiffers} from '../../../mesh/samples-remote.ts'
import {type Case, remoteSubject} from './samples.ts'

/** Returns the record of a cluster that joined before. */
export function joinedAs(cluster: string, primary: string | undefined) {
  const data = remoteRecordData({primary, ownsAnnotation: true, pilotAddress: undefined, singleNetwork: false})
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data: {...data, cluster}}
}

type RemoteCase = [check: string, what: string, cluster: string, message: RegExp, hint: RegExp, differs: RemoteDiffers]

const errors: readonly RemoteCase[] = [
  [
    'serves-remotes',
    'an istiod for its own cluster only',
    'east',
    /^istiod does not serve remote clusters/,
    /externalIstiod=true[\s\S]*--control-plane istioctl/,
    {plane: {servesRemotes: false}},
  ],
  [
    'istiod-reachable',
    'an existing gateway without the ports',
    'east',
    /^gateway istio-system\/istio-eastwestgateway has no ports 15012 and 15017/,
    /edit service istio-eastwestgateway[\s\S]*--remote-pilot-address/,
    {east: {networkGateways: [gatewayService('net-east')]}},
  ],
  [
    'istiod-reachable',
    'a gateway that gets no address',
    'east',
    /of type NodePort has no address/,
    /--remote-pilot-address/,
    {raw: {gatewayServiceType: 'NodePort'}, east: {networkGateways: []}},
  ],
  [
    'remote-istiod',
    'a remote with an istiod',
    'west',
    /runs istiod of revision default; a remote of east must not run one$/,
    /--mode multi-primary[\s\S]*kubectl --context west -n istio-system get deployments/,
    {west: {controlPlanes: [controlPlane('west')]}},
  ],
  [
    'remote-annotation',
    'the annotation of another primary',
    'west',
    /^namespace istio-system is annotated topology\.istio\.io\/controlPlaneClusters=north; expected east$/,
    /kubectl --context west annotate namespace istio-system topology\.istio\.io\/controlPlaneClusters-/,
    {west: {namespace: ledNamespace('north')}},
  ],
  [
    'remote-set-up',
    'no webhook',
    'west',
    /^no webhook requests injection from istiod of east$/,
    /--control-plane istioctl[\s\S]*istioctl install --context west --set profile=remote .*injectionPath=\/inject\/cluster\/west\/net\/net-west .*remotePilotAddress=203\.0\.113\.11/,
    {westRemote: {injector: undefined}},
  ],
  [
    'remote-set-up',
    'a webhook for another network',
    'west',
    /^the injection webhook does not specify cluster west and network net-west$/,
    /--control-plane istioctl/,
    {westRemote: {injector: injector('west', 'other')}},
  ],
  [
    'remote-set-up',
    'a Service with another address',
    'west',
    /^the istiod Service has the address 198\.51\.100\.1; expected 203\.0\.113\.11, the address of istiod in east$/,
    /--control-plane istioctl/,
    {westRemote: {istiodAddresses: ['198.51.100.1']}},
  ],
  [
    'remote-set-up',
    'a host name with the webhook of istioctl',
    'west',
    /host name lb\.example\.com serves webhooks only on port 15017$/,
    /^add --control-plane istioctl \(or helm, sail\) to set it up$/,
    {raw: {remotePilotAddress: 'lb.example.com'}, westRemote: {istiodAddresses: ['lb.example.com']}},
  ],
  [
    'remote-set-up',
    'a Service without an address',
    'west',
    /^the istiod Service has no address;/,
    /--control-plane istioctl/,
    {westRemote: {istiodAddresses: []}},
  ],
  [
    'remote-name',
    'another name than the one it joined under',
    'west',
    /^the cluster is registered in east as w; west would be a second registration$/,
    /--cluster-name west=w[\s\S]*federate remove --contexts west --from east --cluster-name west=w/,
    {west: {record: joinedAs('w', 'east')}},
  ],
  [
    'primary-and-remotes',
    'a remote without its primary',
    'west',
    /^the cluster is a remote of north, which is not among the clusters of this run$/,
    /federate remove --contexts west --from CONTEXT-OF-NORTH$/,
    {west: {record: joinedAs('west', 'north')}},
  ],
  [
    'primary-and-remotes',
    'a primary that becomes a peer without its remotes',
    'east',
    /^the cluster is the primary of x, which would lose its control plane$/,
    /--mode primary-remote/,
    {
      raw: {mode: 'multi-primary'},
      east: {
        record: joinedAs('east', undefined),
        remoteSecrets: [remoteSecret('istio-remote-secret-x', {x: 'k'})],
      },
    },
  ],
]

/** The differences that the checks of primary-remote mode must find. */
export const remoteCases: readonly Case[] = errors.map(([check, what, cluster, message, hint, differs]) => ({
  check,
  what,
  level: 'error',
  cluster,
  message,
  hint,
  subject: () => remoteSubject(differs),
}))
