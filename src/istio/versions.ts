/** Istio minor versions that kubectl-mesh supports. */

/** One minor version of Istio. */
export interface SupportedIstio {
  /** As `minorOf` returns it: 1024 is 1.24. */
  istio: number
  /** The oldest Kubernetes that it supports, in the same form (istio.io, supported releases; release notes 1.25, 1.28, 1.30). */
  kubernetes: number
}

/**
 * The supported versions, oldest first. Each was read for the objects that we write. The tests run the newest; see
 * docs/compatibility.md.
 */
export const supportedIstio: readonly SupportedIstio[] = [
  {istio: 1024, kubernetes: 1028},
  {istio: 1025, kubernetes: 1029},
  {istio: 1026, kubernetes: 1029},
  {istio: 1027, kubernetes: 1029},
  {istio: 1028, kubernetes: 1030},
  {istio: 1029, kubernetes: 1030},
  {istio: 1030, kubernetes: 1032},
  {istio: 1031, kubernetes: 1032},
]

/** The oldest supported minor version of Istio. */
export const oldestIstio = supportedIstio.at(0)!.istio

/** The newest supported minor version of Istio. */
export const newestIstio = supportedIstio.at(-1)!.istio

/**
 * Returns the oldest Kubernetes that an Istio supports; of an Istio newer than the table, that of its last row.
 *
 * @param istio minor version of Istio, as `minorOf` returns it
 */
export function oldestKubernetes(istio: number): number | undefined {
  return supportedIstio.findLast(row => istio >= row.istio)?.kubernetes
}

/** 1024 → `1.24` */
export function minorText(minor: number): string {
  return `${Math.floor(minor / 1000)}.${minor % 1000}`
}

/** What happens when the kubeconfig of a remote cluster is replaced while an istiod runs. */
export type RewriteEffect =
  | {effect: 'safe'}
  /** `gap`: the endpoints of the cluster are missing for a while. `loss`: they may be missing until istiod restarts. */
  | {effect: 'gap' | 'loss'; reason: string}

/** One row of `rewriteEffects`: versions from `from`, up to the next row. */
interface RewriteRow {
  /** Major and minor version as `minorOf` returns it, and the patch. */
  from: readonly [minor: number, patch: number]
  effect: RewriteEffect['effect']
  reason: string
}

/**
 * Effects of replacing a remote kubeconfig, newest first. Sources: the release notes of 1.30.3, 1.30.4 and 1.31.0, and the issues
 * in the reasons. `test/e2e/rotate-istiods.test.ts` shows the loss on an istiod from before the fixes.
 */
const rewriteEffects: readonly RewriteRow[] = [
  {from: [1030, 4], effect: 'safe', reason: ''},
  {
    from: [1030, 3],
    effect: 'loss',
    reason: 'may remove the gateways and endpoints of the cluster until it restarts (istio#60920, istio#61043)',
  },
  {
    from: [1030, 0],
    effect: 'loss',
    reason: 'may stop updating the cluster and remove its endpoints until it restarts (istio#60612, istio#61043)',
  },
  {
    from: [0, 0],
    effect: 'gap',
    reason: 'first removes the cluster and then adds it again, so its endpoints are missing for up to 30 s',
  },
]

/** In ambient mode, the fixes of 1.31 are in 1.31.1 (release notes of 1.31.1). */
const firstSafeAmbient131 = 1

/**
 * Returns what happens when the kubeconfig of a remote cluster is replaced while this istiod runs.
 *
 * @param version as istiod reports it: `1.30.3-abc-Clean`
 * @param ambient istiod serves workloads in ambient mode
 * @returns undefined if the version is not known, or is a build without a patch version such as 1.31-alpha
 */
export function rewriteEffectOf(version: string | undefined, ambient: boolean): RewriteEffect | undefined {
  const found = version?.match(/^v?(\d+)\.(\d+)\.(\d+)(-(?:alpha|beta))?/)
  if (!found || found[4]) return undefined
  const [minor, patch] = [Number(found[1]) * 1000 + Number(found[2]), Number(found[3])]
  if (ambient && minor === 1031 && patch < firstSafeAmbient131)
    return {effect: 'loss', reason: 'may remove the endpoints of the cluster in ambient mode (fixed in 1.31.1)'}
  const row = rewriteEffects.find(({from}) => minor > from[0] || (minor === from[0] && patch >= from[1]))!
  return row.effect === 'safe' ? {effect: 'safe'} : {effect: row.effect, reason: row.reason}
}
