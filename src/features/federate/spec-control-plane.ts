import {renderFields} from '../../control-plane/spec.ts'
import type {Problem} from '../../errors.ts'
import {parseRequestedValues} from '../../istio/render/requested.ts'
import {SetProblem} from '../../istio/render/set.ts'
import {choiceField, type SpecOf, textFieldWithDefault} from '../../spec/field.ts'

const {profile, set, values, istioctl, chart, chartVersion} = renderFields

/** What istiod takes (istio pkg/config/constants, 1.31); `kubernetes` ends it, since Kubernetes has no signer for that any more. */
function certProvider(text: string): string | undefined {
  if (text === 'kubernetes')
    return 'is no provider any more: Kubernetes signs by a signer that you name, as k8s.io/SIGNER'
  const fine = text === 'istiod' || text === 'custom' || /^k8s\.io\/[\w.-]+(\/[\w.-]+)*$/.test(text)
  return fine ? undefined : 'is not istiod, custom or k8s.io/SIGNER'
}

/** How `mesh federate` deals with the clusters' control planes. */
export const controlPlaneFields = {
  controlPlane: choiceField({
    flag: 'control-plane',
    about:
      'keep: control planes are checked and left as they are; istioctl, helm, sail: where none runs or its values do not fit, one is rendered with it and applied',
    options: ['keep', 'istioctl', 'helm', 'sail'],
    fallback: 'keep',
  }),
  certProvider: textFieldWithDefault({
    flag: 'cert-provider',
    about:
      "with --control-plane, who signs istiod's own certificate: istiod itself, a signer of Kubernetes (k8s.io/SIGNER), or you (custom: the files are mounted)",
    valueName: 'PROVIDER',
    check: certProvider,
    fallback: 'istiod',
  }),
  profile,
  set,
  values,
  istioctl,
  chart,
  chartVersion,
}

/** What was said of control planes. */
export type ControlPlaneSpec = SpecOf<typeof controlPlaneFields>

/** What one field alone can't tell. */
export function controlPlaneProblems(spec: ControlPlaneSpec): Problem[] {
  const problems: Problem[] = []
  if (spec.controlPlane === 'keep') {
    const needless = [
      spec.set.length > 0 && '--set',
      spec.values.length > 0 && '--values',
      spec.istioctl !== undefined && '--istioctl',
      spec.chartVersion !== undefined && '--chart-version',
      spec.certProvider !== 'istiod' && '--cert-provider',
    ].filter(flag => flag !== false)
    return needless.map(flag => ({
      message: `${flag} is for control planes that are rendered`,
      hints: ['add --control-plane istioctl, or leave it out'],
    }))
  }
  try {
    parseRequestedValues([], spec.set)
  } catch (error) {
    if (!(error instanceof SetProblem)) throw error
    problems.push({message: error.message, hints: ['for example --set values.pilot.autoscaleMin=2']})
  }
  return problems
}
