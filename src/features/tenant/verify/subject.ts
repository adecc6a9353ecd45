import type {Tenant} from '../istio.ts'
import type {TenantVerifyFacts} from './read.ts'

/** A tenant to check, and all tenants of its cluster. */
export interface TenantSubject {
  tenant: Tenant
  facts: TenantVerifyFacts
}
