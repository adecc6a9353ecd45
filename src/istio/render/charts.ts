/**
 * The reference to Istio's base chart next to an istiod chart: `istio/istiod` → `istio/base`. Undefined if the istiod chart
 * has another name.
 *
 * @param reference of the istiod chart, as `--chart` takes it
 */
export function baseChartOf(reference: string): string | undefined {
  const found = /^(.*\/)?istiod(-[\w.+-]+\.tgz)?\/?$/.exec(reference)
  return found ? `${found[1] ?? ''}base${found[2] ?? ''}` : undefined
}
