import {readFile} from 'node:fs/promises'
import {exitCodes, MeshError, messageOf, usageError} from '../../errors.ts'
import type {ControlPlaneInput, Said} from '../../istio/render/input.ts'
import type {Definition, RenderedControlPlane} from '../../istio/render/manifest.ts'
import {saidBy} from '../../istio/render/said.ts'
import {sailResources} from '../../istio/render/sail.ts'
import {SetProblem} from '../../istio/render/set.ts'
import {leafAt} from '../../istio/render/tree.ts'
import {contradictions} from '../../istio/render/values.ts'
import type {LabelSelector} from '../../istio/selectors.ts'
import {namesOf, type TenantSpec} from '../../specs/tenant.ts'
import {loadYaml} from '../../yaml.ts'

/** The control plane that a tenant's Spec asks for, with files read. Throws MeshError (exit 2) on files and sets that don't fit. */
export async function controlPlaneOf(spec: TenantSpec): Promise<ControlPlaneInput> {
  const {systemNamespace, revision, selector} = namesOf(spec)
  const said = await readSaid(spec)
  const input: ControlPlaneInput = {
    namespace: systemNamespace,
    revision,
    profile: typeof said.operator.profile === 'string' ? said.operator.profile : spec.profile,
    discoverySelectors: [{matchLabels: {[selector.key]: selector.value}}],
    isDefault: spec.isDefault,
    said,
  }
  const against = contradictions(input)
  if (against.length > 0)
    throw new MeshError(
      against.map(({path, said: value, must}) => ({
        message: `--set or --values give ${path} as ${value}, and this tenant's is ${must}`,
        hints: [path === 'revision' ? `--revision ${value}` : `--system-namespace ${value}`],
      })),
      exitCodes.usage,
    )
  const strange = Object.keys(said.operator).filter(key => key !== 'profile')
  if (spec.via !== 'istioctl' && strange.length > 0)
    throw usageError(
      `--set or --values give ${strange.join(', ')}, which only istioctl knows`,
      '--via istioctl, or leave it out',
    )
  return input
}

/** What `--set` and `--values` say, files read. Throws MeshError (exit 2). */
export async function readSaid(spec: Pick<TenantSpec, 'set' | 'values'>): Promise<Said> {
  const files = await Promise.all(
    spec.values.map(async name => {
      try {
        return {name, content: loadYaml(await readFile(name, 'utf8'))}
      } catch (error) {
        throw usageError(`--values ${name}: ${messageOf(error).split('\n')[0]}`)
      }
    }),
  )
  try {
    return saidBy(files, spec.set)
  } catch (error) {
    if (!(error instanceof SetProblem)) throw error
    throw usageError(error.message)
  }
}

/** The selectors that the control plane will have; undefined when it is left to others. */
export function selectorsOf(spec: TenantSpec, input: ControlPlaneInput): readonly LabelSelector[] | undefined {
  if (spec.via === 'none') return undefined
  const own = leafAt(input.said.values, ['meshConfig', 'discoverySelectors'])
  return Array.isArray(own) ? (own as LabelSelector[]) : input.discoverySelectors
}

const nothing: RenderedControlPlane = {objects: [], definitions: []}

/** Renders the control plane the way that was chosen; what runs other programs loads only for that. */
export async function render(
  spec: Pick<TenantSpec, 'via' | 'istioctl' | 'chart' | 'chartVersion'>,
  input: ControlPlaneInput,
  signal: AbortSignal,
): Promise<RenderedControlPlane> {
  switch (spec.via) {
    case 'istioctl': {
      const {renderWithIstioctl} = await import('../../tools/istioctl.ts')
      return renderWithIstioctl(input, spec.istioctl, signal)
    }
    case 'helm': {
      const {renderWithHelm} = await import('../../tools/helm.ts')
      return renderWithHelm(input, {reference: spec.chart, version: spec.chartVersion}, signal)
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
