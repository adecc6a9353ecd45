/** Istio's base chart beside an istiod chart: `istio/istiod` → `istio/base`; undefined when the name does not tell. */
export function baseChartOf(reference: string): string | undefined {
  const found = /^(.*\/)?istiod(-[\w.+-]+\.tgz)?\/?$/.exec(reference)
  return found ? `${found[1] ?? ''}base${found[2] ?? ''}` : undefined
}
