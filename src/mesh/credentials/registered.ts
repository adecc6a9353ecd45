import type {MeshMember} from '../members.ts'

/** Returns the cluster whose API server has an address. */
export function clusterAt(server: string | undefined, all: readonly MeshMember[]): MeshMember | undefined {
  return server === undefined ? undefined : all.find(other => other.server === server)
}

/**
 * Returns the cluster that a key of a remote Secret stands for: its name in the mesh, or the UID of its namespace kube-system,
 * which `istioctl create-remote-secret` uses without `--name`.
 */
export function clusterWithKey(key: string, all: readonly MeshMember[]): MeshMember | undefined {
  return all.find(({cluster}) => cluster === key) ?? all.find(({facts}) => facts?.uid === key && key !== '')
}
