import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Problem} from '../../errors.ts'
import type {ClusterChange} from '../../run/change-clusters.ts'

/** What changes in one round of `service export --watch`. */
export interface Round {
  changes: readonly ClusterChange[]
  problems: readonly Problem[]
  /** Objects that carry our label and are not in our record, by cluster. */
  unrecorded: readonly {name: string; unrecorded: readonly KubernetesObject[]}[]
}
