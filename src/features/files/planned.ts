import type {ClusterPlan} from '../../engine/plan/plan.ts'
import type {Problem} from '../../errors.ts'
import type {AppliedDocument} from './kind.ts'

/** A document with what applying it would change. */
export interface PlannedDocument {
  document: AppliedDocument
  /** One for each cluster that it concerns. Empty for a document that is planned later. */
  plans: readonly ClusterPlan[]
  /** Whether there is something to do. */
  differs: boolean
  /** The user must apply what the plan has printed before the document can be applied. */
  manual?: true
  /** Set for a document that can be planned only after others have been applied. */
  later?: {
    after: readonly AppliedDocument[]
    /** Why it cannot be planned yet. */
    problems: readonly Problem[]
  }
  /** Why it cannot be compared with its clusters. */
  failed?: readonly Problem[]
}
