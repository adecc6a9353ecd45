import {readRequestedValues} from '../../control-plane/values.ts'
import {exitCodes, MeshError, usageError} from '../../errors.ts'
import type {ControlPlaneInput} from '../../istio/render/input.ts'
import {leafAt} from '../../istio/render/tree.ts'
import {contradictions} from '../../istio/render/values.ts'
import type {LabelSelector} from '../../istio/selectors.ts'
import {namesOf, type TenantSpec} from './spec.ts'

/** The control plane that a tenant's Spec asks for, with files read. Throws MeshError (exit 2) on files and sets that don't fit. */
export async function controlPlaneOf(spec: TenantSpec): Promise<ControlPlaneInput> {
  const {systemNamespace, revision, selector} = namesOf(spec)
  const requested = await readRequestedValues(spec)
  const input: ControlPlaneInput = {
    namespace: systemNamespace,
    revision,
    profile: typeof requested.operator.profile === 'string' ? requested.operator.profile : spec.profile,
    discoverySelectors: [{matchLabels: {[selector.key]: selector.value}}],
    isDefault: spec.isDefault,
    requested,
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
  const strange = Object.keys(requested.operator).filter(key => key !== 'profile')
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
  const own = leafAt(input.requested.values, ['meshConfig', 'discoverySelectors'])
  return Array.isArray(own) ? (own as LabelSelector[]) : input.discoverySelectors
}
