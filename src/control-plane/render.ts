import {chartNextTo} from '../istio/render/charts.ts'
import type {ControlPlaneInput} from '../istio/render/input.ts'
import type {Definition, RenderedControlPlane} from '../istio/render/manifest.ts'
import {sailResources} from '../istio/render/sail.ts'
import type {Chart} from '../tools/helm.ts'
import type {LiveDefinition} from './read-definitions.ts'
import type {RenderSpec} from './spec.ts'

const nothing: RenderedControlPlane = {objects: [], definitions: []}

/**
 * Renders a control plane with the tool in `spec.via`. Code that runs another program is loaded only when it is used.
 *
 * @throws MeshError: exit 2 if the tool is not found; exit 3 if it fails
 */
export async function render(
  spec: Pick<RenderSpec, 'via' | 'istioctl' | 'chart' | 'chartVersion'> & Pick<Chart, 'base'>,
  input: ControlPlaneInput,
  signal: AbortSignal,
): Promise<RenderedControlPlane> {
  switch (spec.via) {
    case 'istioctl': {
      const {renderWithIstioctl} = await import('../tools/istioctl.ts')
      return renderWithIstioctl(input, spec.istioctl, signal)
    }
    case 'helm': {
      const {renderWithHelm} = await import('../tools/helm.ts')
      return renderWithHelm(input, {reference: spec.chart, version: spec.chartVersion, base: spec.base}, signal)
    }
    case 'sail':
      return {...nothing, objects: sailResources(input)}
    case 'none':
      return nothing
  }
}

/**
 * The base chart to render with an istiod chart. Undefined if the istiod chart has another name.
 *
 * @param chart reference of the istiod chart, as `--chart` takes it
 * @param needed the cluster lacks the definitions that only the base chart contains
 */
export function baseOf(chart: string, needed: boolean): Chart['base'] {
  const reference = chartNextTo(chart, 'base')
  return reference === undefined ? undefined : {reference, needed}
}

/**
 * Returns the definitions to apply: those that the cluster lacks, and those that kubectl-mesh applied from an older Istio.
 * Definitions of another owner are left unchanged. An older istioctl does not replace definitions of a newer one, because
 * that would remove fields.
 *
 * @param live definitions in the cluster, by name
 */
export function definitionsToSend(
  definitions: readonly Definition[],
  live: ReadonlyMap<string, LiveDefinition>,
): Definition[] {
  return definitions.filter(({name, version}) => {
    const existing = live.get(name)
    return existing === undefined || (existing.ours && isOlder(existing.version, version))
  })
}

/** Returns whether one version is older than another; false if either is not a version `MAJOR.MINOR.PATCH`. */
export function isOlder(one: string | undefined, other: string | undefined): boolean {
  const [a, b] = [one, other].map(text =>
    /^v?(\d+)\.(\d+)\.(\d+)/
      .exec(text ?? '')
      ?.slice(1)
      .map(Number),
  )
  if (!a || !b) return false
  const differing = a.findIndex((part, at) => part !== b[at])
  return differing >= 0 && a[differing]! < b[differing]!
}
