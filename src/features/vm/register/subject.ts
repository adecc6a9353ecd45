import type {Right} from '../../../engine/kubernetes/access-rules.ts'
import type {Check} from '../../../findings/check.ts'
import type {SharingFacts} from '../shared/plan.ts'
import type {VmRegistration} from '../spec.ts'

/** The input of the preflight checks of `mesh vm register`. */
export interface VmSubject {
  spec: VmRegistration
  facts: SharingFacts
  /** Permissions that the user lacks. */
  denied: readonly Right[]
}

/** A preflight check of `mesh vm register`. */
export type VmCheck = Check<VmSubject>
