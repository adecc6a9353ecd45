import {
  mergeRequestedValues,
  refuseContradictions,
  refuseOperatorFields,
  type ValuesFile,
} from '../../control-plane/values.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import type {ControlPlaneInput, RequestedValues} from '../../istio/render/input.ts'
import {leafAt} from '../../istio/render/tree.ts'
import type {Install} from './spec.ts'

/** The flag that sets a value, by its path. */
const flagFor: Readonly<Record<string, string>> = {
  revision: '--revision REV',
  'global.istioNamespace': '--system-namespace NS',
  'global.meshID': '--mesh-id ID',
  'global.multiCluster.clusterName': '--cluster-name NAME',
  'global.network': '--network NET',
  'meshConfig.trustDomain': '--trust-domain DOMAIN',
}

/**
 * Returns the control plane to render. Names that the Spec and the values leave open are those of the existing control plane:
 * a federation may have set them.
 *
 * @param values the contents of `--values`
 * @param live the existing control plane
 * @param cluster name of the cluster, from its context
 * @throws MeshError (exit 2) for invalid or contradicting values
 */
export function controlPlaneInput(
  spec: Install,
  values: readonly ValuesFile[],
  live: ControlPlane | undefined,
  cluster: string,
): ControlPlaneInput {
  const requested = mergeRequestedValues(values, spec.set)
  if (spec.via !== 'istioctl') refuseOperatorFields(requested, '--via')
  const {profile} = requested.operator
  const open = (path: string, current: string | undefined) =>
    leafAt(requested.values, path.split('.')) === undefined ? current : undefined
  const input: ControlPlaneInput = {
    namespace: spec.systemNamespace,
    revision: spec.revision,
    profile: typeof profile === 'string' ? profile : spec.profile,
    meshId: spec.meshId ?? open('global.meshID', live?.meshId),
    clusterName: spec.clusterName ?? open('global.multiCluster.clusterName', live?.cluster ?? cluster),
    network: spec.network ?? open('global.network', live?.network),
    trustDomain: spec.trustDomain ?? openTrustDomain(requested, live),
    isDefault: false,
    requested,
  }
  refuseContradictions(input, cluster, flagFor)
  return input
}

/** The default is left to the tool. */
function openTrustDomain({values}: RequestedValues, live: ControlPlane | undefined): string | undefined {
  if (leafAt(values, ['meshConfig', 'trustDomain']) !== undefined) return undefined
  return live?.trustDomain === 'cluster.local' ? undefined : live?.trustDomain
}
