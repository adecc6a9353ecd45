import {type Right, rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import {tenantReads} from '../read.ts'

/** All permissions to verify tenants. */
export const tenantVerifyRights: readonly Right[] = [
  ...tenantReads,
  ...rightsFor(
    ['list'],
    ['peerauthentications.security.istio.io', 'validatingadmissionpolicies.admissionregistration.k8s.io'],
  ),
]
