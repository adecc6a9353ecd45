import {type CaCerts, caData} from '../../../../src/pki/ca-certs.ts'
import {sampleRoot} from '../change/samples-ca.ts'

/** The root before and after a change, with a CA of east below each. */
export const old = await sampleRoot('Old root')
export const next = await sampleRoot('New root')
export const cas: {old: CaCerts; next: CaCerts} = {old: await old.issue('east'), next: await next.issue('east')}

/** `cacerts` with a CA, and the given text of `root-cert.pem`. */
export function cacerts(ca: CaCerts, rootCert: string): Record<string, string> {
  return caData({...ca, rootCert})
}
