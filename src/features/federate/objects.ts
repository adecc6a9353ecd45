import {applySetParent} from '../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change, Edit, FieldEdit} from '../../engine/kubernetes/change.ts'
import {controlPlaneClustersAnnotation, networkLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import type {DataPlane} from '../../mesh/ambient/record.ts'
import {federationApplySet} from '../../mesh/applyset.ts'
import {buildCaSecret} from '../../mesh/ca/objects.ts'
import type {HeldCredentials} from '../../mesh/credential.ts'
import type {GatewaySettings, GatewayType} from '../../mesh/gateways/spec-settings.ts'
import {buildIstiodExposure} from '../../mesh/objects-expose-istiod.ts'
import {buildExposure} from '../../mesh/objects-exposure.ts'
import {buildEastWestGateway} from '../../mesh/objects-gateway.ts'
import {
  buildReader,
  buildReaderToken,
  type ReaderRights,
  readerTokenName,
  type TokenNaming,
} from '../../mesh/objects-reader.ts'
import {buildBundledSecret, buildRemoteSecrets} from '../../mesh/objects-remote-secret.ts'
import type {CaCerts} from '../../pki/ca-certs.ts'

/** The settings that all clusters of a federation share. */
export interface FederationFrame {
  systemNamespace: string
  /** Revision or tag that injects the pods of gateways. */
  revision: string | undefined
  clusterDomain: string
  expose: readonly string[]
  singleNetwork: boolean
  /** Tokens and remote Secrets for each pair of clusters, or one of each per cluster. */
  credentials: 'per-peer' | 'bundled'
  /** Tokens expire. They are bound to a Secret. */
  shortLived: boolean
  /** `ambient`: no gateways for sidecars. Those of ambient mode are built elsewhere (`ambient/objects.ts`). Default: `sidecar`. */
  dataPlane?: DataPlane
}

/** One cluster of a federation: what it lacks, and what kubectl-mesh manages there. */
export interface FederationMember extends HeldCredentials {
  /** Name in the mesh. */
  cluster: string
  network: string
  /** kubectl-mesh set the network label of the system namespace, and removes it when the cluster leaves. */
  ownsNetworkLabel: boolean
  /** Remove the network label that kubectl-mesh set, because all pods are on one network now. */
  dropsNetworkLabel?: boolean
  /** The `cacerts` to write; undefined if there is none to write. */
  ca: CaCerts | 'issued during apply' | undefined
  /** Type of the gateway's Service. */
  gatewayType: GatewayType
  /** Further settings of the gateway. */
  gateway?: GatewaySettings | undefined
  /** false: an existing gateway leads into the network. */
  makeGateway: boolean
  /** The pod selector of the existing gateway Deployment, if there is one. */
  gatewaySelector?: Readonly<Record<string, string>> | undefined
  /** false: an existing reader account has the necessary permissions, or no cluster needs one. */
  makeReader: boolean
  /** An istiod that reads the cluster also reads its Secrets. Default: true. */
  readsSecrets?: boolean
  /** Set for a remote: name of the cluster whose control plane serves it. */
  primary?: string
  /** What to do with the annotation that names the primary; undefined: nothing. */
  annotation?: 'set' | 'remove'
  /** Its control plane serves remotes, so it has a gateway on a single network too. */
  isPrimary?: boolean
  /** The revision of its istiod: the Spec's revision with a tag resolved. */
  revision?: string | undefined
  /** Its control plane is a tenant: see `resourceLabels`. */
  isTenant?: boolean
  /** Expose istiod through the gateway. */
  exposesIstiod?: boolean
  /** Revisions whose istiods an earlier run exposed, and which still run. */
  alsoExposes?: readonly (string | undefined)[]
  /** Further data of the record: the settings, and what `mesh/record.ts` describes. */
  record?: Readonly<Record<string, string>>
}

/**
 * Key in the record that shows who created the network label. `managedFields` does not show it: the API server does not
 * track updates of an object without managed fields, such as a namespace created by an empty server-side apply
 * (apimachinery, skipNonApplied).
 */
const ownLabelKey = 'network-label'

/** Returns whether kubectl-mesh set the network label, according to the record. */
export function isNetworkLabelOurs(record: KubernetesObject | undefined): boolean {
  return (record?.data as Record<string, string> | undefined)?.[ownLabelKey] === 'ours'
}

/**
 * Returns the changes that join the members into one mesh, cluster by cluster, in the order of the members.
 *
 * A remote gets no exposure of Services: it has no Istio configuration, and that of its primary applies.
 */
export function buildFederation(frame: FederationFrame, members: readonly FederationMember[]): Change[] {
  const tokens = tokensByTarget(members, frame)
  return members.flatMap(member => [
    buildSystemNamespace(member, frame),
    buildRecord(member, frame),
    ...buildCa(member, frame),
    ...buildGateways(member, frame),
    ...(member.makeReader ? buildReader(member.cluster, frame.systemNamespace, readerRightsOf(member)) : []),
    ...buildTokens(member, tokens.get(member.cluster) ?? [], frame),
    ...buildCredentials(member, frame),
  ])
}

function buildSystemNamespace(member: FederationMember, frame: FederationFrame): Edit {
  return {
    action: 'edit',
    cluster: member.cluster,
    wave: waves.namespaces,
    target: {apiVersion: 'v1', kind: 'Namespace', name: frame.systemNamespace},
    edits: [...labelEdits(member, frame), ...annotationEdits(member)],
    create: true,
  }
}

function labelEdits({network, dropsNetworkLabel}: FederationMember, {singleNetwork}: FederationFrame): FieldEdit[] {
  if (singleNetwork && !dropsNetworkLabel) return []
  return [{at: 'label', key: networkLabel, value: singleNetwork ? undefined : network}]
}

function annotationEdits({annotation, primary}: FederationMember): FieldEdit[] {
  if (annotation === undefined) return []
  const value = annotation === 'set' ? primary : undefined
  return [{at: 'annotation', key: controlPlaneClustersAnnotation, value}]
}

function buildRecord({cluster, network, ownsNetworkLabel, record}: FederationMember, frame: FederationFrame): Apply {
  return applySetParent(federationApplySet(frame), cluster, {
    cluster,
    network,
    ...(ownsNetworkLabel ? {[ownLabelKey]: 'ours'} : {}),
    ...record,
  })
}

function buildCa({ca, cluster}: FederationMember, {systemNamespace}: FederationFrame): Apply[] {
  if (ca === undefined) return []
  if (typeof ca !== 'string') return [buildCaSecret(ca, cluster, systemNamespace)]
  const empty = {caCert: '', caKey: '', rootCert: '', certChain: ''}
  return [{...buildCaSecret(empty, cluster, systemNamespace), pending: `the intermediate CA is ${ca}`}]
}

/** The east-west gateway, and what it exposes. */
function buildGateways(member: FederationMember, frame: FederationFrame): Apply[] {
  const {cluster, network} = member
  if (frame.dataPlane === 'ambient') return []
  const {systemNamespace, singleNetwork, clusterDomain} = frame
  const {revision, isTenant = false} = member
  const isRemote = member.primary !== undefined
  const exposure = {cluster, systemNamespace, revision, isTenant, hosts: frame.expose, clusterDomain}
  const gateway = {
    cluster,
    network: singleNetwork ? '' : network,
    systemNamespace,
    revision: frame.revision,
    serviceType: member.gatewayType,
    settings: member.gateway,
    selector: member.gatewaySelector,
    remote: isRemote,
  }
  return [
    ...(member.makeGateway && (!singleNetwork || member.isPrimary) ? buildEastWestGateway(gateway) : []),
    ...(singleNetwork || isRemote ? [] : buildExposure(exposure)),
    ...(member.exposesIstiod ? buildIstiodExposure({...exposure, others: member.alsoExposes ?? [], stays: false}) : []),
  ]
}

function readerRightsOf({primary, readsSecrets = true}: FederationMember): ReaderRights {
  return {writesAsLeader: primary !== undefined, readsSecrets}
}

/** Which tokens the clusters hold, by the cluster that issues them. */
function tokensByTarget(
  members: readonly FederationMember[],
  {shortLived, credentials}: FederationFrame,
): Map<string, TokenNaming[]> {
  const tokens = new Map<string, TokenNaming[]>(members.map(({cluster}) => [cluster, []]))
  for (const {cluster: holder, holds} of members)
    for (const {target, adopted, naming} of holds)
      if (!adopted)
        tokens.get(target)?.push(naming ?? {bound: shortLived, ...(credentials === 'per-peer' ? {peer: holder} : {})})
  return tokens
}

/** The tokens with which other clusters read this one. */
function buildTokens({cluster}: FederationMember, tokens: readonly TokenNaming[], frame: FederationFrame): Apply[] {
  const {systemNamespace} = frame
  // Bundled holders share a token, and during a rotation some of them still use the other one.
  const distinct = new Map(tokens.map(naming => [readerTokenName(naming), naming]))
  return [...distinct.values()].map(naming => buildReaderToken({cluster, systemNamespace, ...naming}))
}

/** The remote Secrets with which this cluster reads the others. */
function buildCredentials(member: FederationMember, frame: FederationFrame): Apply[] {
  const holder = {cluster: member.cluster, systemNamespace: frame.systemNamespace}
  const own = member.holds.filter(({adopted}) => !adopted)
  if (frame.credentials === 'per-peer') return buildRemoteSecrets(holder, own)
  return own.length === 0 ? [] : buildBundledSecret(holder, [...own, ...member.keepsInBundle])
}
