import {readSpec} from '../../spec/read.ts'
import {type RiskyChange, riskyChanges, type SettingsInput} from '../../spec/settings.ts'
import {type IngressDeploy, ingressDeployFields, serviceTypeOf} from './spec-deploy.ts'

/** Types of Services. Each exposes more than the one before it. */
const byExposure = ['ClusterIP', 'NodePort', 'LoadBalancer'] as const

const consequences = {
  ClusterIP: '',
  NodePort: ', which opens a port on every node',
  LoadBalancer: ', which may get a public address',
}

/**
 * The changes of a gateway that the user must be aware of: host ports, node selector, and a Service that exposes more.
 *
 * @param spec the merged settings of this run
 * @throws MeshError (exit 2) for stored settings that this version does not accept
 */
export function ingressRisks(input: SettingsInput<typeof ingressDeployFields>, spec: IngressDeploy): RiskyChange[] {
  if (!input.stored) return []
  const [before, after] = [serviceTypeOf(readSpec(ingressDeployFields, input.stored)), serviceTypeOf(spec)]
  const risks = riskyChanges(ingressDeployFields, input, spec)
  if (byExposure.indexOf(after) <= byExposure.indexOf(before)) return risks
  const {requested, reset} = input
  const changed = [ingressDeployFields.serviceType.flag, ingressDeployFields.hostPorts.flag]
  // Without a type, it depends on the host ports.
  const isExplicit =
    requested.serviceType !== undefined ||
    requested.hostPorts !== undefined ||
    changed.some(flag => reset.includes(flag))
  const flag = changed[input.stored.serviceType === undefined ? 1 : 0]!
  const text = `the Service of the gateway changes from ${before} to ${after}${consequences[after]}`
  return [...risks, {flag, text, isExplicit}]
}
