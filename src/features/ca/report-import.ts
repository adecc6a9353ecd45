import type {Problem} from '../../errors.ts'
import type {ImportedCa} from '../../pki/folder/import-cluster.ts'
import {count} from '../../text/count.ts'
import {daysUntil} from '../../text/duration.ts'

/** Returns warnings about a certificate that expires soon, or does not contain what was requested. istiod accepts both. */
export function importWarnings(
  {cluster, certificate, missing}: Pick<ImportedCa, 'cluster' | 'certificate' | 'missing'>,
  now: Date,
): Problem[] {
  const days = daysUntil(certificate.notAfter, now)
  return [
    ...(days < 30
      ? [
          {
            message: `${cluster}: the certificate is valid for only ${count(days, 'day')}`,
            hints: ['request a certificate that is valid longer: workload certificates expire with it'],
          },
        ]
      : []),
    ...(missing.length > 0
      ? [
          {
            message: `${cluster}: the certificate does not contain what was requested: ${missing.join(', ')}`,
            hints: ['ask your CA whether this is intended; istiod accepts the certificate'],
          },
        ]
      : []),
  ]
}
