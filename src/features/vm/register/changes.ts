import type {Change} from '../../../engine/kubernetes/change.ts'
import {pruneChanges} from '../../../engine/plan/prune.ts'
import {formerParentRemoval} from '../../../mesh/former-set.ts'
import {hostObjectOf, isAccountInUse} from '../facts.ts'
import {buildVm, type VmWorkload, vmLabels} from '../objects.ts'
import {recordData} from '../registration.ts'
import {type SharingFacts, sharedChanges, sharedWithoutFacts} from '../shared/plan.ts'
import type {VmRegistration} from '../spec.ts'

/**
 * The changes of a registration. Existing objects of other owners are left out. Recorded objects that it no longer contains are
 * removed, and so is the ConfigMap of version 0.1.0, which the record replaces.
 *
 * @param spec its revision is resolved
 * @param recorded what the record stores: a revision tag as requested
 * @param cluster name of the cluster
 */
export async function changesOf(
  spec: VmRegistration,
  recorded: VmRegistration,
  facts: SharingFacts,
  cluster: string,
): Promise<Change[]> {
  const account = facts.accounts.get(spec.serviceAccount)
  const hosts = spec.hosts.filter(host => {
    const object = hostObjectOf(facts, host, spec.clusterDomain)
    return !object || facts.owns(object)
  })
  const create = {serviceAccount: !account || facts.owns(account), hosts}
  const workload = {
    ...workloadOf(spec, cluster, create),
    isTenant: facts.isTenant,
    record: recordData(recorded, cluster),
  }
  const changes = [...buildVm(workload), ...(await sharedChanges(spec, recorded.revision, facts, cluster))]
  const {former, membership} = facts
  return [
    ...changes,
    ...pruneChanges(cluster, membership.objects, changes, object => isAccountInUse(object, facts, spec)),
    ...formerParentRemoval(former, cluster),
  ]
}

/** The changes of a registration in a cluster where none of its objects exist. */
export function changesWithoutFacts(spec: VmRegistration, cluster: string): Change[] {
  const create = {serviceAccount: true, hosts: spec.hosts}
  return [...buildVm(workloadOf(spec, cluster, create)), ...sharedWithoutFacts(spec, cluster)]
}

function workloadOf(spec: VmRegistration, cluster: string, create: VmWorkload['create']): VmWorkload {
  const labels = vmLabels(spec.name, spec.labels)
  return {...spec, cluster, isTenant: false, labels, create, record: recordData(spec, cluster)}
}
