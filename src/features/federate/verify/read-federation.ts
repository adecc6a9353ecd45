import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {networkLabel} from '../../../engine/kubernetes/labels.ts'
import {joinedProblem, type Problem} from '../../../errors.ts'
import {joinedDataPlane} from '../../../mesh/ambient/record.ts'
import type {FederationFacts} from '../../../mesh/facts.ts'
import {type MeshMember, resolveMember} from '../../../mesh/members.ts'
import {joinedWith, withRoles} from '../../../mesh/primary-remote.ts'
import {readFederationFacts} from '../../../mesh/read.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import {type Access, connect} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {federationReads} from '../rights.ts'
import {storedNetworks, withStoredServer} from '../settings/settings.ts'
import {type Federation, federationFields} from '../spec.ts'
import type {FederationVerify, federationVerifyFields} from './spec.ts'

/** The clusters of a federation, and how they are joined. */
export interface JoinedClusters {
  /** All clusters, in the order of `--contexts`. Those that are not reachable have no facts. */
  all: MeshMember[]
  /** Why clusters are not reachable, by context. */
  unreachable: ReadonlyMap<string, Problem>
  /** The Spec that the clusters are joined with, according to their records. */
  federation: Federation
}

/** Reads all clusters in parallel, and finds out how they are joined. */
export async function readFederation(
  spec: FederationVerify,
  raw: RawSpec<typeof federationVerifyFields>,
  access: Access,
): Promise<JoinedClusters> {
  const unreachable = new Map<string, Problem>()
  const read = await Promise.all(
    spec.contexts.map(async context => {
      const cluster = await connect(access, context, federationReads(spec))
      try {
        return {context, facts: await readFederationFacts(cluster, spec)}
      } catch (error) {
        if (!(error instanceof UnreachableError || error instanceof ApiError)) throw error
        unreachable.set(context, joinedProblem(error))
        return {context, facts: undefined}
      }
    }),
  )
  const facts = read.flatMap(one => one.facts ?? [])
  const base = readSpec(federationFields, raw as RawSpec<typeof federationFields>)
  const joined = joinedWith(read)
  const networks = storedNetworks(read, base.network)
  const hasNoNetworks = facts.length > 0 && facts.every(hasNoNetwork)
  const singleNetwork = joined?.singleNetwork ?? (networks.singleNetwork || hasNoNetworks)
  const isGateways = facts.some(({record}) => readGatewaysRecord(record))
  const mode = isGateways ? 'gateways' : (joined?.mode ?? 'multi-primary')
  const dataPlane = joinedDataPlane(facts)
  const federation: Federation = {...base, ...networks, ...joined, singleNetwork, mode, ...dnsOf(facts), dataPlane}
  // Without a primary in the Spec: `withRoles` takes primaries and remotes from the records.
  // Without settings of gateways, `resolveMember` takes the named ones from the records.
  const {gateway: _gateway, ...rest} = federation
  const naming = {...rest, mode: isGateways ? 'gateways' : 'multi-primary'} as const
  const all = withRoles(
    read.map(({context, facts}) => resolveMember(withStoredServer(naming, context, facts), context, facts)),
  )
  return {all, unreachable, federation}
}

/** The DNS settings of gateways mode. A run of `federate` writes the same ones to all records; `istio` is the default. */
function dnsOf(all: readonly FederationFacts[]): Partial<Pick<Federation, 'dns' | 'dnsForward'>> {
  const records = all.flatMap(({record}) => readGatewaysRecord(record) ?? [])
  const edited = records.find(({dns}) => dns !== 'istio')
  return edited ? {dns: edited.dns, dnsForward: [...edited.dnsForward]} : {}
}

function hasNoNetwork({namespace, controlPlanes}: FederationFacts): boolean {
  return !namespace?.metadata.labels?.[networkLabel] && controlPlanes.every(({network}) => network === undefined)
}
