import {controlPlaneClustersAnnotation, networkLabel} from '../../engine/kubernetes/labels.ts'
import {isControlledBy} from '../../istio/remote.ts'
import {rootOf} from '../../mesh/ca/root.ts'
import type {HeldCredentials} from '../../mesh/credential.ts'
import {gatewayNameOf, gatewayTypeOf} from '../../mesh/gateways/spec.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {istiodRouteName} from '../../mesh/objects-expose-istiod.ts'
import {foreignGateways, nameOfPrimary, primaryAmong} from '../../mesh/primary-remote.ts'
import {gatewaysRecordData, readRemoteRecord, remoteRecordData} from '../../mesh/record.ts'
import type {CaCerts} from '../../pki/ca-certs.ts'
import {sameRoot} from '../../pki/read.ts'
import {settingsData} from '../../spec/settings.ts'
import {gatewaysRecordOf} from './dns.ts'
import {type FederationMember, isNetworkLabelOurs} from './objects.ts'
import {readerNeeds} from './objects-reader-rights.ts'
import {settingsFor} from './settings/spec-stored.ts'
import {type Federation, federationFields} from './spec.ts'

/** What determines the input of the builder, beside the members. */
export interface MemberSources {
  spec: Federation
  /** The CA folder; undefined without `--ca-dir`. */
  ca: {root: string; intermediates: ReadonlyMap<string, CaCerts>} | undefined
  /** By holder; undefined in gateways mode, in which no cluster holds a credential. */
  credentials: ReadonlyMap<string, HeldCredentials> | undefined
}

/** Returns the input of `buildFederation` for each cluster: what it lacks, and what kubectl-mesh manages there. */
export function federationMembers(sources: MemberSources, all: readonly MeshMember[]): FederationMember[] {
  const {spec, credentials} = sources
  const primary = primaryAmong(all)
  return all.map((member): FederationMember => {
    return {
      cluster: member.cluster,
      network: member.network,
      ownsNetworkLabel: ownsNetworkLabel(member, spec),
      dropsNetworkLabel: spec.singleNetwork && isNetworkLabelOurs(member.facts?.record),
      ca: caOf(member, sources.ca),
      makeGateway: needsGateway(member, all),
      gatewayType: gatewayTypeOf(spec, member.context),
      gateway: spec.gateway[member.context],
      gatewaySelector: gatewaySelectorOf(member, spec),
      ...readerNeeds(spec, member, all),
      ...(member.primary === undefined ? {} : {primary: nameOfPrimary(member, all)}),
      ...annotationOf(member, all),
      isPrimary: member === primary,
      revision: member.revision,
      isTenant: member.facts?.isTenant ?? false,
      exposesIstiod: member === primary && needsIstiodExposure(member),
      alsoExposes: otherExposedRevisions(member),
      ...(credentials?.get(member.cluster) ?? {holds: [], keepsInBundle: []}),
      record: recordOf(spec, member, all),
    }
  })
}

/** Existing `cacerts` is never replaced: it has the root of the folder, or the preflight refused. */
function caOf(member: MeshMember, ca: MemberSources['ca']): FederationMember['ca'] {
  if (ca === undefined || member.primary !== undefined) return undefined
  const root = rootOf(member)
  if (root?.pluggedIn && sameRoot(root.pem, ca.root)) return undefined
  return ca.intermediates.get(member.cluster) ?? 'issued during apply'
}

/** A label that did not exist before the cluster joined is ours, and is removed when the cluster leaves. */
function ownsNetworkLabel({facts}: MeshMember, spec: Federation): boolean {
  if (spec.singleNetwork) return false
  return isNetworkLabelOurs(facts?.record) || facts?.namespace?.metadata.labels?.[networkLabel] === undefined
}

/** The selector of an existing Deployment is immutable. */
function gatewaySelectorOf({facts, context}: MeshMember, spec: Federation): Record<string, string> | undefined {
  const name = gatewayNameOf(spec, context)
  const deployment = facts?.created.find(({kind, metadata}) => kind === 'Deployment' && metadata.name === name)
  return (deployment?.spec as {selector?: {matchLabels?: Record<string, string>}} | undefined)?.selector?.matchLabels
}

/** The data of the record: the settings, and what the mode needs. */
function recordOf(spec: Federation, member: MeshMember, all: readonly MeshMember[]): Record<string, string> {
  return {...settingsData(federationFields, settingsFor(spec, member, all)), ...modeRecordOf(spec, member, all)}
}

function modeRecordOf(
  spec: Federation,
  member: MeshMember,
  all: readonly MeshMember[],
): Record<string, string> | undefined {
  const gateways = gatewaysRecordOf(spec, member)
  if (gateways) return gatewaysRecordData(gateways)
  if (spec.mode !== 'primary-remote') return undefined
  const isRemote = member.primary !== undefined
  return remoteRecordData({
    primary: isRemote ? nameOfPrimary(member, all) : undefined,
    ownsAnnotation: isRemote && needsAnnotation(member, all),
    pilotAddress: spec.remotePilotAddress,
    singleNetwork: spec.singleNetwork,
  })
}

/** In a remote the annotation is set if it is missing. In a former remote it is removed if an earlier run set it. */
function annotationOf(member: MeshMember, all: readonly MeshMember[]): Pick<FederationMember, 'annotation'> {
  if (member.primary !== undefined) return needsAnnotation(member, all) ? {annotation: 'set'} : {}
  return readRemoteRecord(member.facts?.record)?.ownsAnnotation ? {annotation: 'remove'} : {}
}

/** Our annotation is kept. An existing one that names the primary is sufficient. */
function needsAnnotation(member: MeshMember, all: readonly MeshMember[]): boolean {
  const live = member.facts?.namespace?.metadata.annotations?.[controlPlaneClustersAnnotation]
  return readRemoteRecord(member.facts?.record)?.ownsAnnotation || !isControlledBy(live, nameOfPrimary(member, all))
}

/** Our exposure of istiod is kept. An existing one is sufficient. */
function needsIstiodExposure({facts}: MeshMember): boolean {
  return (facts?.created.some(({kind}) => kind === 'VirtualService') ?? false) || !facts?.primaryRemote?.istiodExposed
}

/** The other istiods that an earlier run exposed and that still run: proxies use them until the end of a canary upgrade. */
function otherExposedRevisions({facts, revision}: MeshMember): (string | undefined)[] {
  const routes = (facts?.created ?? []).filter(({kind}) => kind === 'VirtualService').map(({metadata}) => metadata.name)
  return (facts?.controlPlanes ?? [])
    .map(one => (one.revision === 'default' ? undefined : one.revision))
    .filter(one => one !== revision && routes.includes(istiodRouteName(one)))
}

/** The preflight refuses if a named gateway does not exist. */
function namesGateways({namedGateways = []}: MeshMember): boolean {
  return namedGateways.length > 0
}

/** Our gateway is kept. An existing one for the network is sufficient. */
export function needsGateway(member: MeshMember, all: readonly MeshMember[]): boolean {
  const isOurs = member.facts?.created.some(({kind}) => kind === 'Service') ?? false
  return isOurs || (!namesGateways(member) && foreignGateways(member, all).length === 0)
}
