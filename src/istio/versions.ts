/** Istio minor versions that kubectl-mesh supports. */

/** One minor version of Istio. */
export interface SupportedIstio {
  /** As `minorOf` returns it: 1024 is 1.24. */
  istio: number
  /** The oldest and the newest Kubernetes that Istio supports for it, in the same form. The newest is missing where no source names it. */
  kubernetes: readonly [oldest: number, newest?: number]
}

/**
 * The supported versions, oldest first. Each was read for the objects that we write, and tests validate these against the
 * definitions of the oldest and the newest; see docs/compatibility.md.
 *
 * Sources of the Kubernetes versions: istio.io, supported releases, and release announcements of 1.24 to 1.31; for 1.32, the message
 * IST0142 on istio.io (November 2026). `npm run docs` writes them to docs/compatibility.md.
 */
export const supportedIstio: readonly SupportedIstio[] = [
  {istio: 1024, kubernetes: [1028, 1031]},
  {istio: 1025, kubernetes: [1029, 1032]},
  {istio: 1026, kubernetes: [1029, 1033]},
  {istio: 1027, kubernetes: [1029, 1033]},
  {istio: 1028, kubernetes: [1030, 1034]},
  {istio: 1029, kubernetes: [1031, 1035]},
  {istio: 1030, kubernetes: [1032, 1036]},
  {istio: 1031, kubernetes: [1032, 1036]},
  {istio: 1032, kubernetes: [1033]},
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
  return supportedIstio.findLast(row => istio >= row.istio)?.kubernetes[0]
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

/** A row of a table, newest first: it holds for versions from `from`, up to the row before it. */
interface VersionRow {
  /** Major and minor version as `minorOf` returns it, and the patch. */
  from: readonly [minor: number, patch: number]
}

/** Returns the row of a version. Undefined if it precedes all rows. */
function rowOf<R extends VersionRow>(rows: readonly R[], [minor, patch]: VersionRow['from']): R | undefined {
  return rows.find(({from}) => minor > from[0] || (minor === from[0] && patch >= from[1]))
}

/** One row of `rewriteEffects`. */
interface RewriteRow extends VersionRow {
  effect: RewriteEffect['effect']
  reason: string
}

/**
 * Effects of replacing a remote kubeconfig, newest first. Sources: the release notes of 1.30.3, 1.30.4 and 1.31.0, and the issues
 * in the reasons. `test/e2e/rotate/istiods.test.ts` shows the loss on an istiod from before the fixes.
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
  const row = rowOf(rewriteEffects, [minor, patch])!
  return row.effect === 'safe' ? {effect: 'safe'} : {effect: row.effect, reason: row.reason}
}

/**
 * How far a version of Istio supports ambient meshes over several networks. `leaks`: beta, but istiod leaks memory when remote
 * Secrets change.
 */
export type AmbientSupport = 'none' | 'alpha' | 'leaks' | 'beta'

/** First version of each state, newest first. Sources: release notes of 1.27, 1.29, 1.30.4 and 1.31.1; istio#60033. */
const ambientSupport: readonly (VersionRow & {support: AmbientSupport})[] = [
  {from: [1031, 1], support: 'beta'},
  {from: [1031, 0], support: 'leaks'},
  {from: [1030, 4], support: 'beta'},
  {from: [1029, 0], support: 'leaks'},
  {from: [1027, 0], support: 'alpha'},
]

/**
 * Returns how far a version of Istio supports ambient meshes over several networks.
 *
 * @param version as in the tag of istiod's image; `beta` if it is not known
 */
export function ambientSupportOf(version: string | undefined): AmbientSupport {
  const found = version?.match(/^v?(\d+)\.(\d+)(?:\.(\d+))?/)
  if (!found) return 'beta'
  const from = [Number(found[1]) * 1000 + Number(found[2]), Number(found[3] ?? 0)] as const
  return rowOf(ambientSupport, from)?.support ?? 'none'
}
