import {applySetParentRemoval} from '../../engine/kubernetes/applyset-parent.ts'
import type {Remove} from '../../engine/kubernetes/change.ts'
import {type KubernetesObject, nameOf, refOf} from '../../engine/kubernetes/object.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import {type ExitCode, refusedError} from '../../errors.ts'
import {formerParentRemoval} from '../../mesh/former-set.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {reportAbsent} from '../../run/report-absent.ts'
import {reportUnrecorded} from '../../run/report-unrecorded.ts'
import {connect, type Run} from '../../run/run.ts'
import type {RawSpec} from '../../spec/read.ts'
import {someOf} from '../../text/count.ts'
import {clusterNameOf, isAccountInUse, type VmFacts, type VmKey, type VmLocation, workloadsUsing} from './facts.ts'
import {readVmSpec} from './input.ts'
import {groupOfEntry} from './istio-workloads.ts'
import {vmApplySet} from './objects.ts'
import {readVmFacts} from './read.ts'
import {vmRemovalRights} from './register/rights.ts'
import {locateVm} from './registration.ts'
import {readSharedUse} from './shared/read.ts'
import {sharedOutcome, sharedRemovals} from './shared/remove.ts'
import {vmRemoveFields} from './spec.ts'

/**
 * Deletes the objects that the record of a VM lists. Deleting its Secret revokes its tokens. Kubernetes deletes the entries
 * of its machines together with the group. With the last VM, what VMs share is removed too. Objects that only carry the label
 * of the VM stay without `--trust-labels`.
 *
 * @param context kubeconfig context; empty for the current one
 * @throws MeshError (exit 3) for a VM that only version 0.1.0 recorded, or that has no record
 */
export async function removeVm(raw: RawSpec<typeof vmRemoveFields>, context: string, run: Run): Promise<ExitCode> {
  const {trustLabels} = run.write
  const spec = readVmSpec(vmRemoveFields, raw, context, run.access)
  refuseClientDryRun(run)
  const cluster = await connect(run.access, context, vmRemovalRights(spec))
  const vm = await locateVm(cluster, spec, raw)
  const [own, shared] = await Promise.all([
    readVmFacts(cluster, vm, {manager: run.access.manager, trustLabels}),
    readSharedUse(cluster, vm, trustLabels),
  ])
  const facts = {...own, shared}
  const name = clusterNameOf(facts)
  const removals = removalsOf(name, facts, vm, trustLabels)
  // A removal that was killed may have left only what VMs share.
  const changes = [...removals, ...(await sharedRemovals(name, facts, vm))]
  reportUnrecorded(name, [...facts.membership.unrecorded, ...facts.former.objects], run, isHere(vm))
  if (removals.length === 0) {
    refuseFormer(facts, vm)
    refuseUnrecorded(facts, vm)
    refuseForeign(facts, vm)
  }
  if (changes.length === 0) {
    const existing = facts.groups.map(({metadata}) => metadata.name)
    const where = `namespace ${vm.namespace} of ${name}`
    return reportAbsent({what: `registration of VM ${vm.name}`, where, plural: 'WorkloadGroups', existing}, run)
  }
  const confirmation = {question: `${vm.name} will leave the mesh, and its tokens will be revoked.`, typed: vm.name}
  const set = vmApplySet(vm)
  const {exit} = await changeClusters([{cluster, name, changes, set}], confirmation, run, outcomes => {
    if (outcomes.some(({result}) => result === 'failed')) return
    const entries = registeredEntries(facts, vm).map(({metadata}) => metadata.name)
    if (entries.length > 0)
      run.terminal.message(`Kubernetes deletes ${entries.join(', ')} together with the WorkloadGroup`)
    run.terminal.message([
      ...keptAccounts(facts, vm),
      'next, on the machine: sudo sh install.sh uninstall',
      sharedOutcome(facts, vm),
    ])
  })
  return exit
}

/** The objects of the VM in its namespace, and its record last. A label in another namespace causes no removal there. */
function removalsOf(cluster: string, facts: VmFacts, vm: VmLocation, trustLabels: boolean): Remove[] {
  const {membership, former} = facts
  const objects = [...membership.objects, ...(trustLabels ? former.objects : [])].filter(isHere(vm))
  return [
    ...pruneChanges(cluster, objects, [], object => isAccountInUse(object, facts, vm)),
    ...(membership.parent ? [applySetParentRemoval(vmApplySet(vm), cluster)] : []),
    ...(trustLabels ? formerParentRemoval(former, cluster) : []),
  ]
}

function isHere(vm: VmLocation): (object: KubernetesObject) => boolean {
  return ({metadata}) => metadata.namespace === vm.namespace
}

/** The user must not believe that the tokens of the VM are revoked. */
function refuseFormer({former}: VmFacts, {namespace, name}: VmKey): void {
  if (former.objects.length === 0) return
  throw refusedError(
    `${namespace}/${name} was registered by version 0.1.0, whose record in namespace ${namespace} does not prove what it created; nothing was removed`,
    'check the objects above, then add --trust-labels to remove them',
  )
}

/** @throws MeshError (exit 3) if objects with the label of the VM exist in its namespace, without a record */
function refuseUnrecorded(facts: VmFacts, vm: VmKey): void {
  const {namespace, name} = vm
  // An earlier removal has left an account that other workloads use.
  const isLeft = (object: KubernetesObject) =>
    object.metadata.namespace === namespace &&
    object.metadata.deletionTimestamp === undefined &&
    !isAccountInUse(object, facts, vm)
  if (!facts.membership.unrecorded.some(isLeft)) return
  throw refusedError(
    `${namespace}/${name} has no record, so nothing proves which objects kubectl-mesh created; nothing was removed, and its tokens stay valid`,
    'check the objects above, then add --trust-labels to remove them',
  )
}

/** @throws MeshError (exit 3) if the group of the VM has another owner */
function refuseForeign(facts: VmFacts, vm: VmKey): void {
  const isForeign = (group: KubernetesObject) =>
    group.metadata.name === vm.name && group.metadata.deletionTimestamp === undefined && !facts.owns(group)
  if (!facts.groups.some(isForeign)) return
  throw refusedError(
    `WorkloadGroup ${vm.namespace}/${vm.name} was not created by kubectl mesh and is not removed`,
    'remove it with the tool that created it',
  )
}

function registeredEntries({entries}: VmFacts, {name, namespace}: VmKey): KubernetesObject[] {
  return entries.filter(entry => groupOfEntry(entry) === name && entry.metadata.namespace === namespace)
}

/** One line for each service account that stays because other workloads use it. */
function keptAccounts(facts: VmFacts, vm: VmLocation): string[] {
  return facts.membership.objects.flatMap(object => {
    const users = workloadsUsing(object, facts, vm).map(user => nameOf(refOf(user)))
    return users.length === 0 ? [] : [`${nameOf(refOf(object))} stays, because it is used by ${someOf(users)}`]
  })
}
