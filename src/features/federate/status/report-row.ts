import {readCaSecret} from '../../../mesh/ca/objects.ts'
import {addressesOf} from '../../../mesh/gateway-services.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {nameOfPrimary, neededGateways} from '../../../mesh/primary-remote.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import {fingerprintOf, readCertificates, sameRoot} from '../../../pki/read.ts'
import {formatDuration} from '../../../text/duration.ts'
import {rootOf} from '../preflight/checks-roots.ts'

/** The status of one cluster. `–` stands for a value that does not exist. */
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
  /** Time until the cluster's CA certificate expires: `in 30d`. */
  caExpires: string
  /** In gateways mode: the DNS server for names under `.global`. */
  dns?: string
  /** In gateways mode: number of imported services. */
  imports?: number
  /** Why the cluster could not be read. */
  unreachable?: string
}

/**
 * The row of one cluster.
 *
 * @param all the clusters that are reachable
 */
export function statusRow(
  member: MeshMember,
  all: readonly MeshMember[],
  unreachable: string | undefined,
  now: Date,
): StatusRow {
  const {context, cluster, controlPlane} = member
  return {
    context,
    cluster,
    network: networkText(member),
    istio: controlPlane ? (controlPlane.version ?? 'unknown') : '–',
    ...(member.primary === undefined ? {} : {primary: nameOfPrimary(member, all)}),
    meshId: controlPlane?.meshId ?? '–',
    ...rootColumns(member, all),
    gateway: gatewayText(member, all),
    caExpires: caExpiry(member, now),
    ...gatewaysModeColumns(member),
    ...(unreachable === undefined ? {} : {unreachable}),
  }
}

function networkText({facts, network}: MeshMember): string {
  return facts && network !== '' ? network : '–'
}

function rootColumns(member: MeshMember, all: readonly MeshMember[]): Pick<StatusRow, 'root' | 'sameRoot'> {
  const root = rootOf(member)?.pem
  const reference = all.map(other => rootOf(other)?.pem).find(pem => pem !== undefined)
  if (root === undefined) return {root: '–', sameRoot: false}
  return {root: fingerprintOf(root), sameRoot: reference !== undefined && sameRoot(root, reference)}
}

function gatewayText(member: MeshMember, all: readonly MeshMember[]): string {
  const gateways = neededGateways(member, all)
  return gateways.flatMap(addressesOf).join(',') || (gateways.length > 0 ? 'no address' : '–')
}

function caExpiry({facts}: MeshMember, now: Date): string {
  const data = facts?.caSecret && readCaSecret(facts.caSecret)
  const pem = data?.['ca-cert.pem'] ?? data?.['tls.crt']
  const [certificate] = pem === undefined ? [] : readCertificates(pem, 'cacerts')
  if (!certificate) return '–'
  const left = certificate.notAfter.getTime() - now.getTime()
  return left > 0 ? `in ${formatDuration(left)}` : 'expired'
}

function gatewaysModeColumns({facts}: MeshMember): Pick<StatusRow, 'dns' | 'imports'> {
  const record = readGatewaysRecord(facts?.record)
  return record ? {dns: record.dns, imports: facts?.imports.length ?? 0} : {}
}
