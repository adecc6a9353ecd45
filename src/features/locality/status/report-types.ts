import type {ReportedFinding} from '../../../findings/check.ts'
import type {Locality} from '../istio.ts'
import type {Served} from '../istio-serve.ts'

/** The nodes and endpoints of a locality. */
export interface LocalityRow {
  locality: Locality
  nodes: number
  endpoints: number
  /** Names of the nodes, sorted. */
  nodeNames: readonly string[]
  /** When its oldest node was created; null if it has no node. */
  created: string | null
}

/** Which endpoints the clients in one locality use. */
export interface ServedFrom {
  from: Locality
  served: readonly Served[]
}

/** Everything that `mesh locality status` shows. */
export interface LocalityStatusData {
  localities: readonly LocalityRow[]
  host?: {host: string; source: string; from: readonly ServedFrom[]}
  findings: readonly ReportedFinding[]
}
