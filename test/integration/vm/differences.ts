/** What `istioctl x workload` made, or what we are to make, of the files of one machine; read, not as bytes. */
export interface ReadBundle {
  /** cluster.env as a shell reads it. */
  env: Record<string, string>
  /** mesh.yaml. */
  mesh: {defaultConfig: Record<string, unknown> & {proxyMetadata: Record<string, string>}}
  root: string
  /** hosts without comments, by line. */
  hosts: string[]
  /** Claims of the token that say for whom and what it is. */
  token: {aud?: string[]; sub?: string; boundTo?: string | undefined}
  /** Modes by file name. */
  modes: Record<string, string>
}

/** What was there when the files were made. */
export interface Scene {
  systemNamespace: string
  revision: string
  /** `values.global.multiCluster.clusterName` of the injector. */
  injectorCluster: string
  /** What the gateway's host name resolves to; none where it has an IP address. */
  resolved: string[]
  locality: string | undefined
  /** The root in the ConfigMap that the control plane was told to use. */
  trustBundle: string | undefined
}

/** A place where we do not do as istioctl does, on purpose. `id` stands in docs/recipes/vm.md with the reason. */
export interface Difference {
  id: string
  /** istioctl's → ours. */
  apply: (theirs: ReadBundle, scene: Scene) => ReadBundle
}

function withMetadata(bundle: ReadBundle, key: string, value: string): ReadBundle {
  const {defaultConfig} = bundle.mesh
  return {
    ...bundle,
    env: {...bundle.env, [key]: value},
    mesh: {defaultConfig: {...defaultConfig, proxyMetadata: {...defaultConfig.proxyMetadata, [key]: value}}},
  }
}

/** All deliberate differences. */
export const differences: Difference[] = [
  {
    id: 'file-modes',
    apply: theirs => ({
      ...theirs,
      modes: {
        '.': '700',
        'cluster.env': '644',
        hosts: '644',
        'istio-token': '600',
        'mesh.yaml': '644',
        'root-cert.pem': '644',
      },
    }),
  },
  {
    id: 'token-bound',
    apply: theirs => ({...theirs, token: {...theirs.token, boundTo: 'kubectl-mesh-vm-web'}}),
  },
  {
    id: 'unnamed-cluster',
    apply: (theirs, {injectorCluster}) =>
      injectorCluster === '' ? withMetadata(theirs, 'ISTIO_META_CLUSTER_ID', 'Kubernetes') : theirs,
  },
  {
    id: 'ca-address',
    apply: (theirs, {systemNamespace, revision}) =>
      revision === 'default' && systemNamespace !== 'istio-system'
        ? {...theirs, env: {...theirs.env, CA_ADDR: `istiod.${systemNamespace}.svc:15012`}}
        : theirs,
  },
  {
    id: 'host-name-gateway',
    apply: (theirs, {resolved}) =>
      resolved.length > 0 ? {...theirs, hosts: resolved.map(address => `${address} istiod.istio-system.svc`)} : theirs,
  },
  {
    id: 'locality-label',
    apply: (theirs, {locality}) => {
      if (locality === undefined) return theirs
      const labels = {...JSON.parse(theirs.env.ISTIO_METAJSON_LABELS!), 'istio-locality': locality}
      const text = JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))))
      return withMetadata(theirs, 'ISTIO_METAJSON_LABELS', text)
    },
  },
  {
    id: 'trust-bundle',
    apply: (theirs, {trustBundle}) => (trustBundle === undefined ? theirs : {...theirs, root: trustBundle}),
  },
]
