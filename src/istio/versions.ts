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
