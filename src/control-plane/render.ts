import type {ControlPlaneInput} from '../istio/render/input.ts'
import type {Definition, RenderedControlPlane} from '../istio/render/manifest.ts'
import {sailResources} from '../istio/render/sail.ts'
import type {Chart} from '../tools/helm.ts'
import type {RenderSpec} from './spec.ts'

const nothing: RenderedControlPlane = {objects: [], definitions: []}

/** Renders the control plane the way that was chosen; what runs other programs loads only for that. */
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
 * The definitions to send: those that the cluster lacks, and those that we made ourselves from an older Istio. What
 * others made is left alone, and no tenant with an older istioctl takes fields away from one with a newer.
 */
export function definitionsToSend(
  definitions: readonly Definition[],
  live: ReadonlyMap<string, {version: string | undefined; ours: boolean}>,
): Definition[] {
  return definitions.filter(({name, version}) => {
    const there = live.get(name)
    return there === undefined || (there.ours && isOlder(there.version, version))
  })
}

/** Whether one version is older than another; false when either is none. */
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
