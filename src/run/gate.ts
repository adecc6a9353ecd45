import type {Outcome} from '../engine/plan/apply.ts'
import type {ClusterPlan} from '../engine/plan/plan.ts'

/**
 * Takes the place of the terminal and of the confirmation in a run that is one of several: see `features/files`. The caller
 * shows the plans of all runs together, and asks once.
 */
export interface Gate {
  /**
   * Receives the plans: those of a dry run, or those that are applied next.
   *
   * @throws MeshError to apply nothing
   */
  planned(plans: readonly ClusterPlan[]): Promise<void> | void
  /** Receives each step that has written something or failed. */
  outcome(outcome: Outcome): void
}
