import type {Cluster} from '../../engine/cluster/cluster.ts'

/** A control plane that a run writes to. */
export interface WrittenPlane {
  /** Name of the cluster in output. */
  name: string
  cluster: Cluster
  /** The system namespace. */
  namespace: string
}

/** Returns a key for a control plane that is unique in a run. */
export function planeKey({name, namespace}: WrittenPlane): string {
  return `${name}/${namespace}`
}
