import type {Change} from '../../engine/kubernetes/change.ts'
import {memberListOf} from '../../engine/kubernetes/member-record.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ControlPlane, readControlPlane} from '../../istio/control-plane.ts'
import {names} from '../../istio/names.ts'
import type {FederationFacts} from '../../mesh/facts.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {primaryAmong} from '../../mesh/primary-remote.ts'
import {isReadFromOutside} from './objects-outside.ts'
import type {Federation} from './spec.ts'

/** What a cluster needs for the istiods that read it. */
export interface ReaderNeeds {
  /** kubectl-mesh creates the reader account, or created it before. */
  makeReader: boolean
  /** An istiod that reads the cluster also reads its Secrets. */
  readsSecrets: boolean
}

/**
 * Returns what a cluster needs for the istiods that read it. Our reader account is kept. An existing one with the
 * necessary permissions is sufficient.
 *
 * No cluster of this run reads a primary, or any cluster in gateways mode. There our account stays only while a cluster
 * outside this run uses it.
 */
export function readerNeeds(spec: Federation, member: MeshMember, all: readonly MeshMember[]): ReaderNeeds {
  const {facts, primary} = member
  const readsSecrets = secretReaders(member, all).length > 0
  const isOurs = isReaderOurs(facts)
  if (spec.mode === 'gateways' || member === primaryAmong(all)) {
    return {makeReader: isOurs && isReadFromOutside(member, all), readsSecrets}
  }
  if (!facts) return {makeReader: true, readsSecrets}
  const hasWriteAccess = primary === undefined || facts.primaryRemote?.readerLeads
  const {account, allowed} = facts.reader
  const isSufficient = account && allowed && hasWriteAccess && (facts.reader.readsSecrets || !readsSecrets)
  return {makeReader: isOurs || !isSufficient, readsSecrets}
}

/**
 * The record of version 0.1.0 proves nothing about objects without a namespace. An apply of them adds them to the record; if
 * they counted as foreign, our account would be removed while other clusters use it.
 */
function isReaderOurs(facts: FederationFacts | undefined): boolean {
  if (!facts) return false
  const {created, unrecorded, record} = facts
  const isAccount = ({kind, metadata}: KubernetesObject) =>
    kind === 'ServiceAccount' && metadata.name === names.readerAccount
  const former = memberListOf(record) === 'old' ? unrecorded : []
  return created.some(isAccount) || [...created, ...former].some(({kind}) => kind === 'ClusterRole')
}

/**
 * Returns why the reader account of a cluster needs the permission to read Secrets: each istiod that reads them, or may
 * read them. Empty if all istiods of the run are known not to, and no other cluster is known to use the account.
 */
export function secretReaders(member: MeshMember, all: readonly MeshMember[]): string[] {
  const istiods = all.filter(other => other !== member && other.primary === undefined)
  const reasons = istiods.flatMap(({cluster, controlPlane}) =>
    controlPlane?.readsRemoteSecrets === false ? [] : [`istiod of ${cluster} (${versionOf(controlPlane)})`],
  )
  return isReadFromOutside(member, all) || hasForeignToken(member)
    ? [...reasons, 'istiods of clusters outside this run']
    : reasons
}

function versionOf(controlPlane: ControlPlane | undefined): string {
  return controlPlane?.version === undefined ? 'unknown version' : `Istio ${controlPlane.version}`
}

/** Another tool created a token of the account, so any istiod may hold it. */
function hasForeignToken({facts}: MeshMember): boolean {
  const own = new Set((facts?.created ?? []).map(({metadata}) => metadata.uid))
  return [...(facts?.tokenSecrets.values() ?? [])].some(({metadata}) => !own.has(metadata.uid))
}

/**
 * Returns the clusters with what their rendered control planes show about the Secrets of other clusters.
 *
 * @param rendered objects of the control planes that this run renders, by cluster
 */
export function withRenderedReaders(
  all: readonly MeshMember[],
  rendered: ReadonlyMap<string, readonly KubernetesObject[]>,
): MeshMember[] {
  return all.map(member => {
    const deployment = rendered
      .get(member.cluster)
      ?.find(({kind, metadata}) => kind === 'Deployment' && metadata.labels?.app === 'istiod')
    if (!member.controlPlane || !deployment) return member
    const {version, readsRemoteSecrets} = readControlPlane(deployment, undefined, undefined)
    return {...member, controlPlane: {...member.controlPlane, version, readsRemoteSecrets}}
  })
}

/** Returns the objects that changes apply. */
export function renderedIn(changes: readonly Change[]): KubernetesObject[] {
  return changes.flatMap(change => (change.action === 'apply' ? [change.object] : []))
}

/** Returns whether an object is a ClusterRole that grants access to Secrets. */
export function grantsSecrets({kind, rules}: KubernetesObject): boolean {
  return kind === 'ClusterRole' && [rules ?? []].flat().some(namesSecrets)
}

function namesSecrets(rule: unknown): boolean {
  const {resources} = (rule ?? {}) as {resources?: unknown}
  return Array.isArray(resources) && resources.includes('secrets')
}
