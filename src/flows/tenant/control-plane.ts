import {exitCodes, MeshError, usageError} from '../../errors.ts'
import type {ControlPlaneInput} from '../../istio/render/input.ts'
import {leafAt} from '../../istio/render/tree.ts'
import {contradictions} from '../../istio/render/values.ts'
import type {LabelSelector} from '../../istio/selectors.ts'
import {namesOf, type TenantSpec} from '../../specs/tenant.ts'
import {readSaid} from '../control-plane/said.ts'

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

/** The selectors that the control plane will have; undefined when it is left to others. */
export function selectorsOf(spec: TenantSpec, input: ControlPlaneInput): readonly LabelSelector[] | undefined {
  if (spec.via === 'none') return undefined
  const own = leafAt(input.said.values, ['meshConfig', 'discoverySelectors'])
  return Array.isArray(own) ? (own as LabelSelector[]) : input.discoverySelectors
}
