import {renderFields, setProblems} from '../../control-plane/spec.ts'
import type {Problem} from '../../errors.ts'
import {choiceField, type SpecOf, textFieldWithDefault} from '../../spec/field.ts'

/** The tools that render control planes. */
const tools = ['istioctl', 'helm', 'sail'] as const

/** For fields that have an effect only on a control plane that is rendered. */
const onlyRendered = {onlyWith: {controlPlane: tools}}

/**
 * Accepts the providers of istiod's certificate (istio pkg/config/constants, 1.31). `kubernetes` is not accepted: istiod
 * ends with it, because Kubernetes has no such signer any more.
 */
function certProvider(text: string): string | undefined {
  if (text === 'kubernetes') return 'is not supported any more; name a signer of Kubernetes as k8s.io/SIGNER'
  const isKnown = text === 'istiod' || text === 'custom' || /^k8s\.io\/[\w.-]+(\/[\w.-]+)*$/.test(text)
  return isKnown ? undefined : 'is not istiod, custom or k8s.io/SIGNER'
}

/** Fields of `mesh federate` that concern control planes. */
export const controlPlaneFields = {
  controlPlane: choiceField({
    flag: 'control-plane',
    about:
      'keep: check control planes, but do not change them; istioctl, helm, sail: install a control plane with this tool where none runs or its values do not match the mesh',
    options: ['keep', ...tools],
    fallback: 'keep',
  }),
  certProvider: textFieldWithDefault({
    flag: 'cert-provider',
    about:
      "issuer of istiod's own certificate: istiod itself, a signer of Kubernetes (k8s.io/SIGNER), or custom for mounted files",
    ...onlyRendered,
    valueName: 'PROVIDER',
    check: certProvider,
    fallback: 'istiod',
  }),
  profile: renderFields.profile,
  set: {...renderFields.set, ...onlyRendered},
  values: {...renderFields.values, ...onlyRendered},
  // A record must not determine which program runs.
  istioctl: {...renderFields.istioctl, ...onlyRendered, perRun: true as const},
  chart: renderFields.chart,
  chartVersion: {...renderFields.chartVersion, ...onlyRendered},
}

/** The fields of the Spec that concern control planes. */
export type ControlPlaneSpec = SpecOf<typeof controlPlaneFields>

/** Cross-field validation. */
export function validateControlPlane({set}: Pick<ControlPlaneSpec, 'set'>): Problem[] {
  return setProblems(set)
}
