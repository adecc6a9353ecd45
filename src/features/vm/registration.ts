import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {exitCodes, MeshError, type Problem, refusedError} from '../../errors.ts'
import {readSpec} from '../../spec/read.ts'
import type {VmFacts, VmKey, VmLocation} from './facts.ts'
import {vmSetName} from './objects.ts'
import {type VmRegistration, vmRegisterFields} from './spec.ts'
import {parseVmRecord, recordDifferences, vmRecordName} from './spec-record.ts'
import {validateVmRegister} from './spec-validation.ts'

// Threat: an administrator of the VM's namespace edits the copy of the registration there, to get a token of another account
// or a bundle that trusts another istiod. So only the record in the system namespace decides, and a copy that differs is an
// error.

type Records = Pick<VmFacts, 'record' | 'parent'>

/** The record of a VM in the system namespace. Undefined when kubectl-mesh did not register the VM there. */
export async function readRecord(cluster: Cluster, vm: VmLocation): Promise<KubernetesObject | undefined> {
  return cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace: vm.systemNamespace, name: vmRecordName(vm)})
}

/**
 * The registration in the record of a VM. Undefined when there is no record.
 *
 * @throws MeshError (exit 2 or 3) when the record is malformed or is that of another VM
 */
export function registrationOf({record}: Pick<VmFacts, 'record'>, vm: VmLocation): VmRegistration | undefined {
  if (!record) return undefined
  const raw = parseVmRecord(textOf(record))
  const spec = raw && (readSpec(vmRegisterFields, raw, validateVmRegister) as VmRegistration)
  if (spec?.name === vm.name && spec.namespace === vm.namespace && spec.systemNamespace === vm.systemNamespace)
    return spec
  throw refusedError(
    `ConfigMap ${vm.systemNamespace}/${record.metadata.name} is not the registration of ${vm.namespace}/${vm.name}`,
    registerHint(vm),
  )
}

/**
 * The registration of a VM, for which a token may be issued.
 *
 * @throws MeshError (exit 3) when there is no record, or when the copy in the namespace of the VM differs
 */
export function requireRegistration(facts: Records, vm: VmLocation): VmRegistration {
  const problems = copyProblems(facts, vm)
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
  const registration = registrationOf(facts, vm)
  if (registration) return registration
  throw refusedError(
    `${vm.namespace}/${vm.name} was not registered by kubectl mesh with the control plane in namespace ${vm.systemNamespace}`,
    registerHint(vm),
    'or specify the namespace of its control plane with --system-namespace',
    'or specify its account with --service-account, together with --ssh',
  )
}

/** What is wrong with the copy of the registration in the namespace of the VM. Empty without a record or without a copy. */
export function copyProblems({record, parent}: Records, vm: VmLocation): Problem[] {
  if (!record || !parent) return []
  return recordDifferences(textOf(record), textOf(parent)).map(difference => ({
    message: `ConfigMap ${vm.namespace}/${vmSetName(vm.name)} was changed: ${difference} in ConfigMap ${vm.systemNamespace}/${record.metadata.name}`,
    hints: [`find out who changed it; ${registerHint(vm)} writes it again`],
  }))
}

function registerHint({name, namespace}: VmKey): string {
  return `kubectl mesh vm register ${name} -n ${namespace} …`
}

function textOf({data}: KubernetesObject): string | undefined {
  return (data as Record<string, string> | undefined)?.spec
}

/**
 * Completes the location of a VM: a revision that is not set comes from the record. The system namespace is never read from
 * the cluster.
 *
 * @param raw the input, which shows whether a value was set or is a default
 * @throws ApiError, UnreachableError
 */
export async function locateVm<T extends VmLocation>(cluster: Cluster, spec: T, raw: {revision?: unknown}): Promise<T> {
  if (raw.revision !== undefined) return spec
  const registered = registrationOf({record: await readRecord(cluster, spec)}, spec)
  return {...spec, revision: registered?.revision ?? spec.revision}
}
