/** Istio's charts next to the istiod chart. */
export type NeighbourChart = 'base' | 'cni' | 'ztunnel'

/**
 * The reference to another of Istio's charts next to an istiod chart: `istio/istiod` → `istio/base`. Undefined if the istiod
 * chart has another name.
 *
 * @param reference of the istiod chart, as `--chart` takes it
 */
export function chartNextTo(reference: string, name: NeighbourChart): string | undefined {
  const found = /^(.*\/)?istiod(-[\w.+-]+\.tgz)?\/?$/.exec(reference)
  return found ? `${found[1] ?? ''}${name}${found[2] ?? ''}` : undefined
}
