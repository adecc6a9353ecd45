import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {lostMembers, type MembershipOptions, readMembership} from '../../engine/plan/membership.ts'
import {readDns} from '../dns/read.ts'
import {servicesApplySet} from './objects.ts'
import {parseImports} from './parse-import.ts'
import type {ImportingCluster, ServiceCluster, ServiceScope} from './read.ts'
import {importEntries} from './read-imports.ts'

/** How the objects of imports are recognized. */
interface ImportOptions extends MembershipOptions {
  /** Field manager of our writes. */
  manager: string
  /** Imports whose record is gone count as imports: the run applies and lists them again. */
  listsLost?: boolean
}

/**
 * Reads the imports of a cluster, and the ServiceEntries that may conflict with new ones.
 *
 * Threat: anyone who can write ServiceEntries in some namespace can copy the label of an import to them. Only ServiceEntries
 * that the record of the exports lists, in the system namespace, determine what a cluster imports.
 *
 * @throws UnreachableError, ApiError; MeshError (exit 3) for an invalid record
 */
export async function readImporting(
  base: ServiceCluster,
  scope: ServiceScope,
  {manager, listsLost = false, ...options}: ImportOptions,
): Promise<ImportingCluster> {
  const {cluster, record} = base
  const [membership, entries, rules, dns] = await Promise.all([
    readMembership(cluster, servicesApplySet(scope), options),
    cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry'}),
    cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule'}),
    readDns(cluster, [record?.dns ?? 'istio']),
  ])
  const {objects, unrecorded, parent, set, replaced} = membership
  const lost = lostMembers(membership, manager)
  const members = listsLost ? [...objects, ...lost] : objects
  const {imports, invalid, problems} = parseImports(importEntries(members, scope))
  const isInside = ({metadata}: KubernetesObject) => metadata.namespace === set.namespace
  return {
    ...base,
    imports: imports.map(({imported}) => imported),
    invalid,
    problems,
    members,
    unrecorded: listsLost ? unrecorded.filter(object => !lost.includes(object)) : unrecorded,
    lost,
    foreignEntries: entries.filter(entry => isInside(entry) && !membership.owns(entry) && !isMember(entry, members)),
    outsideEntries: entries.filter(entry => !isInside(entry)),
    rules,
    set,
    replaced,
    hasParent: parent !== undefined,
    dns,
  }
}

function isMember({metadata}: KubernetesObject, members: readonly KubernetesObject[]): boolean {
  return members.some(member => member.metadata.uid === metadata.uid)
}
