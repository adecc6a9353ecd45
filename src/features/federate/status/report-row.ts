import {ambientGatewaysOf} from '../../../mesh/ambient/gateways.ts'
import {currentRootOf, pluggedCaOf} from '../../../mesh/ca/root.ts'
import {gatewayText} from '../../../mesh/gateways/text.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {nameOfPrimary, neededGateways} from '../../../mesh/primary-remote.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import {attempt} from '../../../pki/attempt.ts'
import {layoutOf} from '../../../pki/check-cacerts.ts'
import {fingerprintOf, readCertificates, sameRoot} from '../../../pki/read.ts'
import type {NotRead} from './read-members.ts'

/** The status of one cluster. `-` stands for a value that does not exist. */
export interface StatusRow {
  context: string
  cluster: string
  network: string
  /** Version of istiod, `unknown` if it cannot be determined. */
  istio: string
  /** For a remote cluster: name of its primary cluster. */
  primary?: string
  meshId: string
  /** SHA-256 fingerprint of the root CA. */
  root: string
  /** The first cluster with a root CA has the same one. */
  sameRoot: boolean
  /** Addresses of the east-west gateways. */
  gateway: string
  /** When the CA certificate in `cacerts` expires. */
  caExpires: Date | undefined
  /** When the record of the federation was created. */
  joined: string | undefined
  /** In gateways mode: the DNS server for names under `.global`. */
  dns?: string
  /** In gateways mode: number of imported services. */
  imports?: number
  /** Why the cluster could not be read. */
  error?: NotRead
}

/**
 * The row of one cluster.
 *
 * @param all the clusters that are reachable
 */
export function statusRow(member: MeshMember, all: readonly MeshMember[], error: NotRead | undefined): StatusRow {
  const {context, cluster, controlPlane} = member
  return {
    context,
    cluster,
    network: networkText(member),
    istio: controlPlane ? (controlPlane.version ?? 'unknown') : '-',
    ...(member.primary === undefined ? {} : {primary: nameOfPrimary(member, all)}),
    meshId: controlPlane?.meshId ?? '-',
    ...rootColumns(member, all),
    gateway: gatewayText(member, all) || (hasGateway(member, all) ? 'no address' : '-'),
    caExpires: caExpiry(member),
    joined: member.facts?.record?.metadata.creationTimestamp,
    ...gatewaysModeColumns(member),
    ...(error === undefined ? {} : {error}),
  }
}

function hasGateway(member: MeshMember, all: readonly MeshMember[]): boolean {
  return neededGateways(member, all).length > 0 || ambientGatewaysOf(member).length > 0
}

function networkText({facts, network}: MeshMember): string {
  return facts && network !== '' ? network : '-'
}

function rootColumns(member: MeshMember, all: readonly MeshMember[]): Pick<StatusRow, 'root' | 'sameRoot'> {
  const root = currentRootOf(member)
  const reference = all.map(currentRootOf).find(pem => pem !== undefined)
  if (root === undefined) return {root: '-', sameRoot: false}
  return {root: fingerprintOf(root), sameRoot: reference !== undefined && sameRoot(root, reference)}
}

/** Undefined for an unreadable certificate, which the check `cluster-ca` reports. */
function caExpiry(member: MeshMember): Date | undefined {
  const data = pluggedCaOf(member)
  const pem = data?.[layoutOf(data).cert]
  const certificates = pem === undefined ? [] : attempt(() => readCertificates(pem, 'cacerts'), [])
  return certificates?.[0]?.notAfter
}

function gatewaysModeColumns({facts}: MeshMember): Pick<StatusRow, 'dns' | 'imports'> {
  const record = readGatewaysRecord(facts?.record)
  return record ? {dns: record.dns, imports: facts?.imports.length ?? 0} : {}
}
