import type {Change, Edit} from '../../../engine/kubernetes/change.ts'
import type {VmFacts} from '../facts.ts'
import type {VmRegistration} from '../spec.ts'
import {clusterServiceOf} from '../spec-names.ts'
import {buildShared, type SharedByVms} from './objects.ts'
import type {SharedFacts} from './read.ts'
import {parseSharedRecord} from './spec-record.ts'

type Gateway = SharedByVms['gateway']

/** The facts of a VM, and what VMs share. */
export type SharingFacts = VmFacts & {shared: SharedFacts}

/**
 * The changes that create what a registration needs and VMs share: the east-west gateway with `--gateway`, the exposure of
 * istiod, and DNS capture.
 *
 * @param spec its revision is resolved
 * @param tag the requested revision, which injects the pods of the gateway
 * @param cluster name of the cluster
 */
export async function sharedChanges(
  spec: VmRegistration,
  tag: string | undefined,
  facts: SharingFacts,
  cluster: string,
): Promise<Change[]> {
  const {membership} = facts.shared
  return buildShared({
    ...frameOf(spec, cluster),
    isTenant: facts.isTenant,
    gateway: appliesGateway(spec, facts) ? gatewayOf(spec, tag, facts, cluster) : undefined,
    exposesIstiod: !facts.exposed,
    dnsCapture: await dnsCaptureOf(spec, facts, cluster),
    recorded: parseSharedRecord(membership.parent?.data as Record<string, string> | undefined),
  })
}

/** The same changes where nothing exists. DNS capture depends on the live mesh config. */
export function sharedWithoutFacts(spec: VmRegistration, cluster: string): Change[] {
  const network = spec.network === undefined ? '' : cluster
  const gateway = {network, revision: spec.revision, labelsNetwork: network !== '', exposesServices: network !== ''}
  return buildShared({
    ...frameOf(spec, cluster),
    isTenant: false,
    gateway: spec.gateway ? gateway : undefined,
    exposesIstiod: true,
    dnsCapture: undefined,
    recorded: parseSharedRecord(undefined),
  })
}

/** Whether the registration creates the gateway, or applies the one that an earlier registration created. */
export function appliesGateway({gateway, gatewayAddress}: VmRegistration, facts: SharingFacts): boolean {
  const [first] = facts.gateways
  return gateway && gatewayAddress === undefined && (!first || facts.shared.membership.owns(first))
}

function frameOf({systemNamespace, revision, clusterDomain}: VmRegistration, cluster: string) {
  return {cluster, systemNamespace, revision, clusterDomain}
}

/** A VM in another network needs a name for that of the pods, and reaches them through the gateway. */
function gatewayOf(spec: VmRegistration, tag: string | undefined, facts: SharingFacts, cluster: string): Gateway {
  const {shared, controlPlane, passthrough} = facts
  const existing = shared.networkLabel || controlPlane?.network
  const network = existing ?? (spec.network === undefined ? '' : cluster)
  const isElsewhere = spec.network !== undefined && spec.network !== network
  return {
    network,
    revision: tag,
    labelsNetwork: network !== '' && !shared.networkLabel,
    exposesServices: isElsewhere && passthrough.every(listener => shared.membership.owns(listener)),
  }
}

/** Pods need DNS capture only for hosts outside the cluster domain, which cluster DNS cannot resolve. */
async function dnsCaptureOf(spec: VmRegistration, facts: VmFacts, cluster: string): Promise<Edit | undefined> {
  const hasExternalHost = spec.hosts.some(host => clusterServiceOf(host, spec.clusterDomain) === undefined)
  if (!hasExternalHost || !spec.captureDns || facts.controlPlane?.capturesDns) return undefined
  // Loaded on demand: it needs a YAML library that preserves comments.
  const {buildDnsCapture} = await import('../../../mesh/dns/objects-capture.ts')
  return buildDnsCapture({cluster, systemNamespace: spec.systemNamespace, revision: spec.revision})
}
