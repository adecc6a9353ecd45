import type {DataPlane} from '../../../mesh/ambient/record.ts'
import type {FederationFacts} from '../../../mesh/facts.ts'
import {controlPlaneOf} from '../../../mesh/members.ts'
import type {RawSpec} from '../../../spec/read.ts'
import type {FederationInput} from '../settings/spec-stored.ts'
import type {federationFields} from '../spec.ts'

/** Settings that only sidecars, or modes without ambient gateways, have: whoever sets one does not mean ambient mode. */
const otherSettings = ['expose', 'gatewayServiceType', 'singleNetwork', 'controlPlane', 'remotePilotAddress'] as const

/**
 * Returns the data plane of a run that does not set it. That of the records is kept, so that no update of istiod changes the
 * gateways of a mesh. Without records, it is `ambient` if every cluster runs ztunnel and its istiod supports several networks: the
 * label of a namespace alone does not make a mesh ambient.
 *
 * @param facts of all clusters of the run
 * @returns undefined for the default, `sidecar`
 */
export function detectDataPlane(
  {requested, reset, stored, complete}: FederationInput,
  facts: readonly FederationFacts[],
): DataPlane | undefined {
  if (requested.dataPlane !== undefined) return undefined
  const isReset = reset.includes('data-plane')
  const [recorded] = stored.flatMap(({raw}) => (raw.dataPlane === undefined ? [] : [raw.dataPlane as DataPlane]))
  if (stored.length > 0 && !isReset) return complete ? recorded : undefined
  return needsSidecars(requested) || !facts.every(isAmbientCluster) ? undefined : 'ambient'
}

function needsSidecars(requested: RawSpec<typeof federationFields>): boolean {
  const isOtherMode = requested.mode !== undefined && requested.mode !== 'multi-primary'
  return isOtherMode || otherSettings.some(name => requested[name] !== undefined)
}

function isAmbientCluster(facts: FederationFacts): boolean {
  const multiNetwork = controlPlaneOf(facts, facts.revision)?.ambient?.multiNetwork ?? false
  return multiNetwork && (facts.ambient?.ztunnels.length ?? 0) > 0
}

/** The message about a detected data plane. Empty for the default, and for that of the records. */
export function detectedText(detected: DataPlane | undefined, {stored}: FederationInput): string[] {
  if (detected !== 'ambient' || stored.some(({raw}) => raw.dataPlane === 'ambient')) return []
  return ['data plane: ambient, because ztunnel runs in every cluster; for pods with a sidecar too: --data-plane both']
}
