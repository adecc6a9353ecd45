import {refuseContradictions} from '../../control-plane/values.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {remoteProfile, remoteValues, withSliceOfFamily, withWebhookPort} from '../../istio/remote.ts'
import {ambientProfile} from '../../istio/render/ambient.ts'
import type {ControlPlaneInput, RequestedValues} from '../../istio/render/input.ts'
import {mergeTrees, type Tree} from '../../istio/render/tree.ts'
import type {RenderedObject} from '../../mesh/control-plane/objects.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {injectedNetwork, pilotAddressOf, primaryAmong} from '../../mesh/primary-remote.ts'
import {servesAmbient} from './ambient/spec.ts'
import type {Federation} from './spec.ts'
import {controlPlaneFields} from './spec-control-plane.ts'

/** The input of a rendering tool for one cluster. */
export interface MemberInput extends ControlPlaneInput {
  /** Set for a remote. */
  remote?: {
    /** Address of the primary's istiod; undefined while its gateway has none. */
    address: string | undefined
  }
}

/**
 * Returns the input from which the control plane of a cluster is rendered.
 *
 * @param member a cluster whose control plane this run renders
 * @param requested the values of `--set` and `--values`
 * @throws MeshError (exit 2) if they contradict a value that the mesh determines
 */
export function controlPlaneInput(
  spec: Federation,
  member: MeshMember,
  all: readonly MeshMember[],
  requested: RequestedValues,
): MemberInput {
  const input =
    member.primary === undefined
      ? inputWithIstiod(spec, member, requested)
      : remoteInput(spec, member, primaryAmong(all), requested)
  refuseContradictions(input, member.cluster, flagFor)
  return input
}

function inputWithIstiod(spec: Federation, member: MeshMember, requested: RequestedValues): MemberInput {
  const dnsCapture = {meshConfig: {defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'true'}}}}
  const defaults = mergeTrees(
    spec.certProvider === 'istiod' ? {} : {global: {pilotCertProvider: spec.certProvider}},
    spec.mode === 'primary-remote' ? {global: {externalIstiod: true}} : {},
    // Sidecars resolve names under .global.
    spec.mode === 'gateways' && spec.dns === 'istio' ? dnsCapture : {},
  )
  const {meshId, network, trustDomain} = member.controlPlane!
  return {
    namespace: spec.systemNamespace,
    revision: member.revision,
    profile: profileOf(spec),
    meshId,
    clusterName: member.cluster,
    network,
    trustDomain,
    isDefault: false,
    ...(servesAmbient(spec) ? {ambient: true as const} : {}),
    requested: {...requested, values: mergeTrees(defaults, requested.values)},
  }
}

/** The profile `minimal` is a default. It does not contain what pods in ambient mode need. */
function profileOf(spec: Federation): string {
  return servesAmbient(spec) && spec.profile === controlPlaneFields.profile.fallback ? ambientProfile : spec.profile
}

/** Placeholder for the primary's address until it is known. No host has this address (RFC 5737). */
const placeholder = '192.0.2.1'

function remoteInput(
  spec: Federation,
  member: MeshMember,
  primary: MeshMember | undefined,
  requested: RequestedValues,
): MemberInput {
  const {cluster} = member
  const address = pilotAddressOf(spec.remotePilotAddress, primary)
  const network = injectedNetwork(member, primary, spec.singleNetwork)
  return {
    namespace: spec.systemNamespace,
    revision: member.revision,
    profile: remoteProfile,
    meshId: primary?.controlPlane?.meshId,
    clusterName: cluster,
    network,
    isDefault: false,
    requested: {
      values: mergeTrees(withoutProfile(requested.values), remoteValues(address ?? placeholder, cluster, network)),
      operator: withoutProfile(requested.operator),
    },
    remote: {address},
  }
}

/** A requested profile is for the primary: remotes have a fixed one. */
function withoutProfile({profile: _profile, ...others}: Tree): Tree {
  return others
}

/** The flag of `mesh federate` that sets a value, by path. */
const flagFor: Record<string, string> = {
  revision: '--revision REV',
  'global.istioNamespace': '--system-namespace NS',
  'global.meshID': '--mesh-id ID',
  'global.multiCluster.clusterName': '--cluster-name CTX=NAME',
  'global.network': '--network CTX=NET',
  'meshConfig.trustDomain': '--trust-domain DOMAIN',
}

/**
 * Completes a rendered object of a remote. Without the primary's address, an object that depends on it is returned as
 * pending.
 *
 * @param address of the primary's istiod
 * @param primary name of the primary in the mesh
 */
export function completeForRemote(
  object: KubernetesObject,
  address: string | undefined,
  primary: string,
): RenderedObject {
  if (address !== undefined) return {object: withSliceOfFamily(withWebhookPort(object, address), address)}
  // Whether the address is an IP address or a host name decides on the kind of Service and the port of the webhook.
  const dependsOnAddress =
    ['Service', 'MutatingWebhookConfiguration'].includes(object.kind) || JSON.stringify(object).includes(placeholder)
  return dependsOnAddress
    ? {
        object,
        pending: `${placeholder} is a placeholder for the address of the gateway of ${primary}, which is known only during apply`,
      }
    : {object}
}
