import type {CaCerts} from '../../../pki/ca-certs.ts'
import {type Certificate, readCertificates} from '../../../pki/read.ts'
import {readOwnCa} from '../change/checks.ts'
import type {CaMember} from '../change/read.ts'

/** What a run does with the CA of one cluster. */
export interface Renewal<M extends Pick<CaMember, 'name' | 'data'> = CaMember> {
  member: M
  current: Certificate
  /**
   * `keep`: it does not expire soon. `install`: the folder contains a newer one, which an interrupted run or another command has
   * issued. `issue`: a new one is issued.
   */
  action: 'keep' | 'install' | 'issue'
  /** The CA in the folder, for `install`. */
  newer?: Certificate
}

/**
 * Returns what a run does with the CA of a cluster. A newer CA in the folder is always installed.
 *
 * @param member has a readable `ca-cert.pem`
 * @param stored the CA of the cluster in the folder
 */
export function renewalOf<M extends Pick<CaMember, 'name' | 'data'>>(
  member: M,
  stored: CaCerts | undefined,
  {expiresWithin, now}: {expiresWithin: number; now: Date},
): Renewal<M> {
  const current = readOwnCa(member.data)!.own
  const [newer] = stored ? readCertificates(stored.caCert, `${member.name}/ca-cert.pem`) : []
  if (newer && newer.fingerprint !== current.fingerprint && newer.notBefore >= current.notBefore)
    return {member, current, action: 'install', newer}
  const isDue = current.notAfter.getTime() - now.getTime() <= expiresWithin
  return {member, current, action: isDue ? 'issue' : 'keep'}
}
