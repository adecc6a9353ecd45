import {applySetParentRemoval} from '../../../engine/kubernetes/applyset-parent.ts'
import type {Change} from '../../../engine/kubernetes/change.ts'
import {type KubernetesObject, nameOf, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import {pruneChanges} from '../../../engine/plan/prune.ts'
import {someOf} from '../../../text/count.ts'
import {type VmFacts, type VmLocation, workloadsOf} from '../facts.ts'
import {groupOfEntry} from '../istio-workloads.ts'
import {networkLabelEdit, sharedApplySet} from './objects.ts'
import type {SharedUse} from './read.ts'
import {parseSharedRecord} from './spec-record.ts'

/** The facts of a VM that leaves, and what VMs share. */
export type LeavingFacts = VmFacts & {shared: SharedUse}

/**
 * What the removal of the last VM takes back: the gateway and the exposure that registrations created, the network label and
 * DNS capture that they set. Empty while another VM or a federation uses them.
 */
export async function sharedRemovals(cluster: string, facts: LeavingFacts, vm: VmLocation): Promise<Change[]> {
  const {parent, objects} = facts.shared.membership
  if (!parent || sharedUsers(facts, vm).length > 0) return []
  const memberOf = sharedApplySet(vm)
  const record = parseSharedRecord(parent.data as Record<string, string> | undefined)
  return [
    ...pruneChanges(cluster, objects, [], () => false).map(removal => ({...removal, memberOf})),
    ...(record.ownsNetworkLabel ? [networkLabelEdit(cluster, vm.systemNamespace, undefined)] : []),
    ...(await capturesOff(cluster, vm.systemNamespace, record.capturesDns)),
    applySetParentRemoval(memberOf, cluster),
  ]
}

async function capturesOff(cluster: string, systemNamespace: string, revisions: readonly string[]): Promise<Change[]> {
  if (revisions.length === 0) return []
  const {buildDnsUncapture} = await import('../../../mesh/dns/objects-capture.ts')
  return revisions.map(revision =>
    buildDnsUncapture({cluster, systemNamespace, revision: revision === 'default' ? undefined : revision}),
  )
}

/** What still uses the objects that VMs share: the federation, and WorkloadGroups and WorkloadEntries of other VMs. */
function sharedUsers(facts: LeavingFacts, vm: VmLocation): string[] {
  const {group, entries} = workloadsOf(facts, vm)
  const own = new Set([...(group ? [group] : []), ...entries].map(object => refKey(refOf(object))))
  const others = [...facts.shared.groups, ...facts.entries].filter(
    object => !own.has(refKey(refOf(object))) && groupOfEntry(object) === undefined && !isDeleted(object),
  )
  return [...(facts.isFederated ? ['the federation of the cluster'] : []), ...others.map(one => nameOf(refOf(one)))]
}

function isDeleted({metadata}: KubernetesObject): boolean {
  return metadata.deletionTimestamp !== undefined
}

/** What became of the objects that VMs share, as a line for the user. */
export function sharedOutcome(facts: LeavingFacts, vm: VmLocation): string {
  if (!facts.shared.membership.parent)
    return facts.exposed ? 'istiod stays exposed: kubectl mesh vm register did not expose it' : 'istiod is not exposed'
  const users = sharedUsers(facts, vm)
  return users.length === 0
    ? 'what VMs share was removed too: it was the last VM'
    : `istiod stays exposed, which ${someOf(users)} ${users.length === 1 ? 'uses' : 'use'}`
}
