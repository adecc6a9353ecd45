/**
 * What a mesh needs of istiod and of API servers at a size. The coefficients are fitted to measurements with a real istiod 1.31
 * (docs/capacity.md, `npm run bench:capacity`).
 */

/** The size of a mesh. */
export interface MeshSize {
  clusters: number
  /** Pods of all clusters together: each is an endpoint of the Services that select it. */
  endpoints: number
  /** Pods of the largest cluster. */
  largest: number
}

/** How istiods get access to other clusters. */
export interface MeshAccess {
  /** `none`: in gateways mode, no istiod reads another cluster. */
  credentials: 'per-peer' | 'bundled' | 'none'
  /** Clusters with an istiod: all, or only the primary. */
  istiods: number
}

/** What a mesh needs at a size. */
export interface Forecast extends MeshSize {
  /** Secrets with credentials for other clusters, and Secrets behind tokens, of all clusters together. */
  secrets: number
  /** Watches that one istiod keeps at the API servers of other clusters. */
  watches: number
  /**
   * Resident memory of one istiod of the largest cluster, in MiB, and how much it is if every pod of the cluster has a proxy that is
   * connected to this istiod.
   */
  memory: {withoutProxies: number; withProxies: number}
  /** Certificates that the istiods of the largest cluster issue within a short time when root-cert.pem changes: one for each proxy. */
  requests: number
}

/** MiB of resident memory, fitted to measurements. The largest error is 4 %. */
const model = {base: 121.6, perLocalPod: 0.0088, perRemotePod: 0.0089, perRemote: 1.36}

/**
 * MiB for each connected proxy: measured 0.85 with 400 Services, 0.08 with 100. The published 1.5 GB for 2,000 sidecars and 1,000 Services
 * (istio.io, "Performance and Scalability") is 0.65.
 */
const perProxy = 0.85

/** Watches of an istiod at the API server of each remote cluster, without the CRDs of the Gateway API. */
const watchesPerRemote = 9

/** Returns what a mesh needs. */
export function forecastOf(size: MeshSize, {credentials, istiods}: MeshAccess): Forecast {
  const {clusters, endpoints, largest} = size
  const remotes = credentials === 'none' ? 0 : Math.max(clusters - 1, 0)
  const remotePods = remotes === 0 ? 0 : endpoints - largest
  const {base, perLocalPod, perRemotePod, perRemote} = model
  const withoutProxies = base + perLocalPod * largest + perRemotePod * remotePods + perRemote * remotes
  return {
    ...size,
    secrets: secretsOf({clusters, istiods: Math.min(istiods, clusters), credentials}),
    watches: watchesPerRemote * remotes,
    memory: {withoutProxies, withProxies: withoutProxies + perProxy * largest},
    requests: largest,
  }
}

/** Each istiod has one remote Secret, or one for each other cluster. Each cluster has one token Secret, or one for each istiod elsewhere. */
function secretsOf({clusters, istiods, credentials}: {clusters: number} & MeshAccess): number {
  if (credentials === 'none' || clusters < 2) return 0
  const pairs = istiods * (clusters - 1)
  return credentials === 'per-peer' ? 2 * pairs : istiods + clusters
}
