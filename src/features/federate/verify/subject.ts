import type {Check, Finding} from '../../../findings/check.ts'
import type {DataPlane} from '../../../mesh/ambient/record.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {servesSidecars} from '../ambient/spec.ts'
import type {ObservedCluster} from './read.ts'
import type {IstiodState} from './read-istiods.ts'

/** One cluster of a federation, with the others that it is compared with. */
export interface VerifySubject {
  /** The cluster that is checked. */
  current: ObservedCluster
  /** All clusters, `current` included. */
  all: readonly ObservedCluster[]
  systemNamespace: string
  /** Gateways mode: the clusters hold no credentials, and services are exported one by one. */
  gateways: boolean
  /** All pods reach each other directly, and no cluster has a network. */
  singleNetwork: boolean
  /** The workloads that reach each other across clusters. */
  dataPlane: DataPlane
  /** The command that repairs the federation, for hints: `kubectl mesh federate --contexts east,west`. */
  repairCommand: string
  /** Flags that select the control planes, for hints with other commands: `--revision`, `1-30`. */
  controlPlaneFlags: readonly string[]
}

/** A check of `federate verify`. */
export interface VerifyCheck extends Check<VerifySubject> {
  /** Whether the check can be run for the cluster. If not, it is not shown. */
  applies: (subject: VerifySubject) => boolean
  /** Source of the data, for the report: `read from the API server of east`. */
  from: (subject: VerifySubject) => string
}

/** A finding that concerns the current cluster. */
export type CurrentFinding = Omit<Finding, 'cluster'>

/** Completes a check: its findings concern the current cluster. */
export function verifyCheck(
  definition: Omit<VerifyCheck, 'run'> & {run: (subject: VerifySubject) => CurrentFinding[]},
): VerifyCheck {
  const run = (subject: VerifySubject): Finding[] =>
    definition.run(subject).map(finding => ({...finding, cluster: subject.current.member.cluster}))
  return {...definition, run}
}

/** Builds `run` of a check that compares the state of every istiod pod with every other cluster. */
export function forEachPeer(
  find: (subject: VerifySubject, state: IstiodState, other: ObservedCluster) => CurrentFinding[],
): (subject: VerifySubject) => CurrentFinding[] {
  return subject =>
    istiodStates(subject.current).flatMap(state => othersOf(subject).flatMap(other => find(subject, state, other)))
}

/** Whether the API server of the cluster could be reached. */
export function isReachable({current}: VerifySubject): boolean {
  return current.unreachable === undefined
}

/** Whether the debug pages of at least one istiod pod could be read. */
export function hasIstiodState(subject: VerifySubject): boolean {
  return isReachable(subject) && istiodStates(subject.current).length > 0
}

/** Whether the cluster is a remote cluster of primary-remote mode. */
export function isRemote({current}: VerifySubject): boolean {
  return current.member.primary !== undefined
}

/** Whether the cluster needs an east-west gateway: another cluster is in another network. */
export function needsGateway(subject: VerifySubject): boolean {
  return (
    isReachable(subject) &&
    !subject.singleNetwork &&
    othersOf(subject).some(({member}) => member.network !== subject.current.member.network)
  )
}

/** Whether the cluster needs an east-west gateway for sidecars. */
export function needsSidecarGateway(subject: VerifySubject): boolean {
  return servesSidecars(subject) && needsGateway(subject)
}

/** The remote clusters that the current cluster is the primary of. */
export function remotesOf({current, all}: VerifySubject): ObservedCluster[] {
  return all.filter(({member}) => member.primary === current.member.context)
}

/** All clusters except the current one. */
export function othersOf({current, all}: VerifySubject): ObservedCluster[] {
  return all.filter(other => other !== current)
}

/** The istiod pods of a cluster whose debug pages could be read. */
export function istiodStates(cluster: ObservedCluster): IstiodState[] {
  return cluster.istiods.filter(istiod => istiod.error === undefined)
}

/** The source of checks that use objects of the current cluster. */
export function fromApiServer({current}: VerifySubject): string {
  return `read from the API server of ${current.member.context}`
}

/** The source of checks that use objects of all clusters. */
export function fromApiServers({all}: VerifySubject): string {
  return `read from the API servers of ${all.map(({member}) => member.context).join(', ')}`
}

/** The source of checks that use the debug pages of the current cluster's istiods. */
export function fromDebugPages({current}: VerifySubject): string {
  return `debug pages of ${podNames([current])}`
}

/** The names of the istiod pods whose debug pages could be read. */
export function podNames(clusters: readonly ObservedCluster[]): string {
  return clusters
    .flatMap(istiodStates)
    .map(({pod}) => pod)
    .join(', ')
}

/** The start of a kubectl command for the current cluster: `kubectl --context east`. */
export function kubectl({current}: VerifySubject): string {
  return `kubectl ${contextFlags(current.member.context)}`
}

/** The start of a kubectl command for the system namespace: `kubectl --context east -n istio-system`. */
export function kubectlInSystem(subject: VerifySubject): string {
  return `${kubectl(subject)} -n ${subject.systemNamespace}`
}
