import {applySetParent} from '../../engine/kubernetes/applyset.ts'
import type {Apply, Change, Edit, FieldEdit} from '../../engine/kubernetes/change.ts'
import {controlPlaneClustersAnnotation, networkLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {federationApplySet} from '../../mesh/applyset.ts'
import {buildCaSecret} from '../../mesh/ca/objects.ts'
import type {HeldCredentials} from '../../mesh/credential.ts'
import {buildIstiodExposure} from '../../mesh/objects-expose-istiod.ts'
import {buildExposure} from '../../mesh/objects-exposure.ts'
import {buildEastWestGateway} from '../../mesh/objects-gateway.ts'
import {buildReader, buildReaderToken} from '../../mesh/objects-reader.ts'
import {buildBundledSecret, buildRemoteSecrets} from '../../mesh/objects-remote-secret.ts'
import type {CaCerts} from '../../pki/ca-certs.ts'

/** What all clusters of a federation share, as the builder needs it. */
export interface FederationFrame {
  systemNamespace: string
  revision: string | undefined
  clusterDomain: string
  expose: readonly string[]
  gatewayServiceType: 'LoadBalancer' | 'NodePort' | 'ClusterIP'
  singleNetwork: boolean
  /** Per-peer tokens and Secrets, or one of each a cluster. */
  credentials: 'per-peer' | 'bundled'
  /** Tokens that end (bound to a Secret), in place of tokens without an end. */
  shortLived: boolean
}

/** One cluster of a federation, with what was found there. */
export interface Member extends HeldCredentials {
  /** Name in the mesh. */
  cluster: string
  network: string
  /** The network label of the system namespace is of our making, and goes when the cluster leaves. */
  ownsNetworkLabel: boolean
  /** It was of our making, and nothing has a network any more. */
  dropsNetworkLabel?: boolean
  /** The `cacerts` to write; undefined when the cluster has its own that fits, or none was asked for. */
  ca: CaCerts | 'issued during apply' | undefined
  /** false: a gateway of others leads into the network already. */
  makeGateway: boolean
  /** What its gateway's Deployment, if there is one, selects its pods by. */
  gatewaySelector?: Readonly<Record<string, string>> | undefined
  /** false: a reader account of others has the rights already. */
  makeReader: boolean
  /** Of a remote: name of the cluster whose control plane serves it. */
  primary?: string
  /** The annotation that says whose istiod may write there: to be set in a remote, or taken away where one was; undefined: left. */
  annotation?: 'set' | 'remove'
  /** Its control plane serves others: even on a single network it has a gateway. */
  isPrimary?: boolean
  /** Its istiod is to be let out through the gateway. */
  exposesIstiod?: boolean
  /** More for the record: see `federation-record.ts`. */
  record?: Readonly<Record<string, string>>
}

/**
 * In the record: who made the network label. `managedFields` can't tell, since the API server tracks no updates of an
 * object that nobody owned a field of before (a namespace by a bare server-side apply; apimachinery, skipNonApplied).
 */
const ownLabelKey = 'network-label'

/** Whether a record says that the network label is ours. */
export function isNetworkLabelOurs(record: KubernetesObject | undefined): boolean {
  return (record?.data as Record<string, string> | undefined)?.[ownLabelKey] === 'ours'
}

/**
 * All that joins the members into one mesh, cluster by cluster in the members' order: system namespace and network label,
 * CA, east-west gateway and its exposure (none on a single network), reader account and tokens, remote Secrets. What is
 * exposed in a remote its primary says: a remote has no Istio configuration of its own.
 */
export function buildFederation(frame: FederationFrame, members: readonly Member[]): Change[] {
  return members.flatMap(member => {
    const {cluster, network} = member
    const {systemNamespace, revision} = frame
    const isRemote = member.primary !== undefined
    const gateway = {
      cluster,
      network: frame.singleNetwork ? '' : network,
      systemNamespace,
      revision,
      serviceType: frame.gatewayServiceType,
      selector: member.gatewaySelector,
      remote: isRemote,
    }
    const exposure = {cluster, systemNamespace, revision, hosts: frame.expose, clusterDomain: frame.clusterDomain}
    return [
      buildSystemNamespace(member, frame),
      applySetParent(federationApplySet(frame), cluster, {
        cluster,
        network,
        ...(member.ownsNetworkLabel ? {[ownLabelKey]: 'ours'} : {}),
        ...member.record,
      }),
      ...(member.ca === undefined ? [] : [buildCa(member.ca, cluster, systemNamespace)]),
      ...(member.makeGateway && (!frame.singleNetwork || member.isPrimary) ? buildEastWestGateway(gateway) : []),
      ...(frame.singleNetwork || isRemote ? [] : buildExposure(exposure)),
      ...(member.exposesIstiod ? buildIstiodExposure({...exposure, revision, stays: false}) : []),
      ...(member.makeReader ? buildReader(cluster, systemNamespace, isRemote) : []),
      ...buildTokens(member, members, frame),
      ...buildCredentials(member, frame),
    ]
  })
}

function buildCa(ca: CaCerts | 'issued during apply', cluster: string, namespace: string): Apply {
  if (typeof ca !== 'string') return buildCaSecret(ca, cluster, namespace)
  return {
    ...buildCaSecret({caCert: '', caKey: '', rootCert: '', certChain: ''}, cluster, namespace),
    pending: `the intermediate is ${ca}`,
  }
}

function buildSystemNamespace(member: Member, frame: FederationFrame): Edit {
  const {network, primary} = member
  const label: FieldEdit[] =
    frame.singleNetwork && !member.dropsNetworkLabel
      ? []
      : [{at: 'label', key: networkLabel, value: frame.singleNetwork ? undefined : network}]
  const annotation: FieldEdit[] =
    member.annotation === undefined
      ? []
      : [
          {
            at: 'annotation',
            key: controlPlaneClustersAnnotation,
            value: member.annotation === 'set' ? primary : undefined,
          },
        ]
  return {
    action: 'edit',
    cluster: member.cluster,
    wave: waves.namespaces,
    target: {apiVersion: 'v1', kind: 'Namespace', name: frame.systemNamespace},
    edits: [...label, ...annotation],
    create: true,
  }
}

function buildTokens(member: Member, members: readonly Member[], frame: FederationFrame): Apply[] {
  const holders = members.filter(other =>
    other.holds.some(({target, adopted}) => target === member.cluster && !adopted),
  )
  const token = {cluster: member.cluster, systemNamespace: frame.systemNamespace, bound: frame.shortLived}
  if (holders.length === 0) return []
  if (frame.credentials === 'bundled') return [buildReaderToken(token)]
  return holders.map(holder => buildReaderToken({...token, peer: holder.cluster}))
}

function buildCredentials(member: Member, frame: FederationFrame): Apply[] {
  const holder = {cluster: member.cluster, systemNamespace: frame.systemNamespace}
  const own = member.holds.filter(({adopted}) => !adopted)
  if (frame.credentials === 'per-peer') return buildRemoteSecrets(holder, own)
  return own.length === 0 ? [] : buildBundledSecret(holder, [...own, ...member.keepsInBundle])
}
