import type {Apply} from '../../../engine/kubernetes/change.ts'
import {buildCaSecret} from '../../../mesh/ca/objects.ts'
import {type CaCerts, caFiles} from '../../../pki/ca-certs.ts'
import type {CaMember} from './read.ts'

/** Builds the Secret with another CA. The trusted roots keep their bytes: istiod 1.29 and older compares them. */
export function buildRenewedCa(
  {name, systemNamespace, data}: Pick<CaMember, 'name' | 'systemNamespace' | 'data'>,
  ca: CaCerts,
): Apply {
  return buildCaSecret({...ca, rootCert: data?.[caFiles.rootCert] ?? ca.rootCert}, name, systemNamespace)
}
