import {type ApplySet, applySetParent} from './applyset.ts'
import {buildCaSecret, type CaCerts} from './ca.ts'
import type {Apply, Change, Edit, FieldEdit} from './change.ts'
import {buildIstiodExposure, istiodExposureKinds} from './expose-istiod.ts'
import {buildExposure, exposureKinds} from './exposure.ts'
import {buildEastWestGateway, gatewayKinds} from './gateway.ts'
import {controlPlaneClustersAnnotation, networkLabel} from './labels.ts'
import {revisioned} from './names.ts'
import type {KubernetesObject} from './object.ts'
import {buildReader, buildReaderToken, readerKinds} from './reader.ts'
import {buildBundledSecret, buildRemoteSecrets, remoteSecretKinds} from './remote-secret.ts'
import {waves} from './waves.ts'

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

/** One credential that a member holds, or is to hold, for another. */
export interface HeldCredential {
  /** Name of the cluster that it leads to. */
  target: string
  /** Not yet known: undefined. */
  kubeconfig: string | undefined
  /** A Secret by others that works: nothing is made for it, here or at the target. */
  adopted: boolean
}

/** One cluster of a federation, with what was found there. */
export interface Member {
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
  /** In the order of the other members. */
  holds: readonly HeldCredential[]
  /** Keys of the bundled Secret that belong to clusters outside this run: kept. */
  keepsInBundle: readonly HeldCredential[]
  /** More for the record: see `federation-record.ts`. */
  record?: Readonly<Record<string, string>>
}

/**
 * In the record: who made the network label. `managedFields` can't tell, since the API server tracks no updates of an
 * object that nobody owned a field of before (a namespace by a bare server-side apply; apimachinery, skipNonApplied).
 */
const ownLabelKey = 'network-label'

/** Whether a record says that the network label is ours. */
export function saysOwnLabel(record: KubernetesObject | undefined): boolean {
  return (record?.data as Record<string, string> | undefined)?.[ownLabelKey] === 'ours'
}

/** The ApplySet of a federation in each of its clusters. */
export function federationApplySet(frame: {systemNamespace: string; revision: string | undefined}): ApplySet {
  const kinds = [...gatewayKinds, ...exposureKinds, ...istiodExposureKinds, ...readerKinds, ...remoteSecretKinds]
  return {name: revisioned('kubectl-mesh-federation', frame.revision), namespace: frame.systemNamespace, kinds}
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
