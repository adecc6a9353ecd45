import type {CheckedMember} from '../../../../src/features/ca/change/checks.ts'
import {readAuthority} from '../../../../src/pki/authority.ts'
import {type CaCerts, caData} from '../../../../src/pki/ca-certs.ts'
import {issueIntermediate, issueRoot} from '../../../../src/pki/issue.ts'
import {type Certificate, readCertificates} from '../../../../src/pki/read.ts'
import {controlPlane} from '../../../mesh/samples.ts'

/** A root that issues CAs of clusters. */
export interface SampleRoot {
  pem: string
  certificate: Certificate
  issue(cluster: string, now?: Date, days?: number): Promise<CaCerts>
}

/** Creates a root. */
export async function sampleRoot(commonName = 'Root CA', days = 3650): Promise<SampleRoot> {
  const root = await issueRoot({commonName, keyType: 'ecdsa-p256', now: new Date(), days})
  const files = {certificate: 'root-cert.pem', key: 'root-key.pem'}
  const authority = readAuthority({...root, files}, new Date())
  return {
    pem: root.certificate,
    certificate: readCertificates(root.certificate, '')[0]!,
    issue: (cluster, now = new Date(), lasts = 365) =>
      issueIntermediate({
        ...{authority, cluster, systemNamespace: 'istio-system', keyType: 'ecdsa-p256', now},
        days: lasts < days ? lasts : undefined,
      }),
  }
}

/** A cluster whose istiods read a CA. */
export function member(ca: CaCerts | undefined, more: Partial<CheckedMember> = {}): CheckedMember {
  return {
    ...{name: 'east', context: 'east', systemNamespace: 'istio-system', controlPlane: controlPlane('east')},
    ...{data: ca && caData(ca), signers: []},
    ...more,
  }
}

/** The certificate of a CA. */
export function certificateOf({caCert}: CaCerts): Certificate {
  return readCertificates(caCert, '')[0]!
}
