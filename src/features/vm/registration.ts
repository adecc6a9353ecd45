import {readRevision} from '../../control-plane/revision.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {applySetParentRef} from '../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {exitCodes, MeshError, type Problem, refusedError} from '../../errors.ts'
import {storedSettings} from '../../run/settings.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {settingsData} from '../../spec/settings.ts'
import type {VmFacts, VmKey, VmLocation} from './facts.ts'
import {vmAnchorName, vmApplySet} from './objects.ts'
import {type VmRegistration, vmRegisterFields} from './spec.ts'
import {recordDifferences} from './spec-record.ts'
import {validateVmRegister} from './spec-validation.ts'

// Threat: an administrator of the VM's namespace writes a ConfigMap like that of version 0.1.0 there, to get a token of another
// account or a bundle that trusts another istiod. So only the record in the system namespace decides, and a ConfigMap that
// differs is an error.

type Records = Pick<VmFacts, 'membership' | 'copy'>

/** Key of the name of the VM in its record. */
const vmKey = 'vm'

/**
 * The data of the record of a VM.
 *
 * @param cluster name of the cluster
 */
export function recordData(spec: VmRegistration, cluster: string): Record<string, string> {
  return {cluster, [vmKey]: nameOf(spec), ...settingsData(vmRegisterFields, spec)}
}

function nameOf({namespace, name}: VmKey): string {
  return `${namespace}/${name}`
}

/** The record of a VM in the system namespace. Undefined when kubectl-mesh did not register the VM there. */
export async function readRecord(cluster: Cluster, vm: VmLocation): Promise<KubernetesObject | undefined> {
  return cluster.get(applySetParentRef(vmApplySet(vm)))
}

/**
 * The settings that a record stores. Undefined without a record.
 *
 * @throws MeshError (exit 3) when the record contains no registration, or that of another VM
 */
export function storedRegistration(
  record: KubernetesObject | undefined,
  vm: VmLocation,
): RawSpec<typeof vmRegisterFields> | undefined {
  if (!record) return undefined
  const stored = storedSettings(vmRegisterFields, record)
  if (stored && (record.data as Record<string, string>)[vmKey] === nameOf(vm)) return stored
  throw refusedError(
    `ConfigMap ${vm.systemNamespace}/${record.metadata.name} is not the registration of ${nameOf(vm)}`,
    `delete it, then: ${registerHint(vm)}`,
  )
}

/**
 * The registration in the record of a VM. Undefined when there is no record.
 *
 * @throws MeshError (exit 2 or 3) when the record is malformed or is that of another VM
 */
export function registrationOf({membership}: Pick<VmFacts, 'membership'>, vm: VmLocation): VmRegistration | undefined {
  const stored = storedRegistration(membership.parent, vm)
  if (!stored) return undefined
  const {name, namespace, systemNamespace} = vm
  return readSpec(vmRegisterFields, {...stored, name, namespace, systemNamespace}, validateVmRegister) as VmRegistration
}

/**
 * The registration of a VM, for which a token may be issued.
 *
 * @throws MeshError (exit 3) when there is no record, or when a ConfigMap in the namespace of the VM differs
 */
export function requireRegistration(facts: Records, vm: VmLocation): VmRegistration {
  const problems = copyProblems(facts, vm)
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
  const registration = registrationOf(facts, vm)
  if (registration) return registration
  throw refusedError(
    `${nameOf(vm)} was not registered by kubectl mesh with the control plane in namespace ${vm.systemNamespace}`,
    registerHint(vm),
    'or specify the namespace of its control plane with --system-namespace',
  )
}

/**
 * What is wrong with the ConfigMap of version 0.1.0 in the namespace of the VM. Empty without a record or without such a
 * ConfigMap.
 */
export function copyProblems(facts: Records, vm: VmLocation): Problem[] {
  const record = facts.membership.parent
  if (!record) return []
  const {name, namespace, systemNamespace} = vm
  return formerDifferences(facts, storedRegistration(record, vm), vm).map(difference => ({
    message: `ConfigMap ${namespace}/${vmAnchorName(name)} was changed: ${difference} in ConfigMap ${systemNamespace}/${record.metadata.name}`,
    hints: [`find out who changed it, then: kubectl -n ${namespace} delete configmap ${vmAnchorName(name)}`],
  }))
}

/**
 * The settings in which the ConfigMap of version 0.1.0 differs from a registration. Empty without such a ConfigMap.
 *
 * @param stored settings in the form in which a record stores them
 */
export function formerDifferences(
  {copy}: Pick<VmFacts, 'copy'>,
  stored: RawSpec<typeof vmRegisterFields> | undefined,
  {name, namespace, systemNamespace}: VmLocation,
): string[] {
  if (!copy) return []
  const place = systemNamespace === vmRegisterFields.systemNamespace.fallback ? {} : {systemNamespace}
  const {spec} = (copy.data ?? {}) as Record<string, string>
  return recordDifferences({...stored, name, namespace, ...place}, spec)
}

function registerHint({name, namespace}: VmKey): string {
  return `kubectl mesh vm register ${name} -n ${namespace}`
}

/**
 * Completes the location of a VM: a revision that is not set comes from the record, and a revision tag is resolved. The system
 * namespace is never read from the cluster.
 *
 * @param raw the input, which shows whether a value was set or is a default
 * @throws ApiError, UnreachableError
 */
export async function locateVm<T extends VmLocation>(cluster: Cluster, spec: T, raw: {revision?: unknown}): Promise<T> {
  const stored = raw.revision === undefined ? storedRegistration(await readRecord(cluster, spec), spec) : undefined
  const requested = typeof stored?.revision === 'string' ? stored.revision : spec.revision
  return {...spec, revision: await readRevision(cluster, requested)}
}
