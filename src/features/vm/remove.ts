import type {Remove} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {connect, type Run} from '../../run/run.ts'
import type {RawSpec} from '../../spec/read.ts'
import {clusterNameOf, isAccountInUse, isOwn, type VmFacts, type VmKey} from './facts.ts'
import {readVmSpec} from './input.ts'
import {groupOfEntry} from './istio-workloads.ts'
import {vmApplySet, vmSetName} from './objects.ts'
import {readVmFacts} from './read.ts'
import {locateVm} from './registration.ts'
import {vmRemoveFields} from './spec.ts'

/**
 * Deletes the objects that the registration of a VM created. Deleting its Secret revokes its tokens. Kubernetes deletes
 * the entries of its machines together with the group. The exposure of istiod and the mesh config stay, because other
 * workloads use them.
 *
 * @param context kubeconfig context; empty for the current one
 */
export async function removeVm(raw: RawSpec<typeof vmRemoveFields>, context: string, run: Run): Promise<ExitCode> {
  const spec = readVmSpec(vmRemoveFields, raw, context, run.access)
  refuseClientDryRun(run)
  const cluster = await connect(run.access, context)
  const vm = await locateVm(cluster, spec, raw)
  const facts = await readVmFacts(cluster, vm)
  const name = clusterNameOf(facts)
  const changes = [
    ...pruneChanges(name, facts.created, [], object => isAccountInUse(object, facts, vm)),
    ...parentRemoval(name, facts, vm),
  ]
  if (changes.length === 0) {
    run.terminal.message(nothingToRemove(facts, vm))
    return exitCodes.ok
  }
  const confirmation = {question: `${vm.name} will leave the mesh, and its tokens will be revoked.`, typed: vm.name}
  const set = vmApplySet(vm)
  const {exit} = await changeClusters([{cluster, name, changes, set}], confirmation, run, outcomes => {
    if (outcomes.some(({result}) => result === 'failed')) return
    const entries = registeredEntries(facts, vm).map(({metadata}) => metadata.name)
    if (entries.length > 0)
      run.terminal.message(`Kubernetes deletes ${entries.join(', ')} together with the WorkloadGroup`)
    run.terminal.message([
      'next, on the machine: sudo sh install.sh uninstall',
      'istiod stays exposed through the gateway for other VMs',
    ])
  })
  return exit
}

function parentRemoval(cluster: string, {parent}: VmFacts, {name, namespace}: VmKey): Remove[] {
  if (!parent) return []
  const target = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: vmSetName(name)}
  return [{action: 'remove', cluster, wave: waves.namespaces, target}]
}

function nothingToRemove(facts: VmFacts, vm: VmKey): string {
  const isForeign = facts.groups.some(group => group.metadata.name === vm.name && !isOwn(group, vm))
  return isForeign
    ? `WorkloadGroup ${vm.namespace}/${vm.name} was not created by kubectl mesh and is not removed`
    : `nothing to remove: ${vm.namespace}/${vm.name} is not registered`
}

function registeredEntries({entries}: VmFacts, {name, namespace}: VmKey): KubernetesObject[] {
  return entries.filter(entry => groupOfEntry(entry) === name && entry.metadata.namespace === namespace)
}
