import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {refusedError} from '../../errors.ts'
import {readSpec} from '../../spec/read.ts'
import type {VmFacts, VmKey, VmLocation} from './facts.ts'
import {vmSetName} from './objects.ts'
import {type VmRegistration, vmRegisterFields} from './spec.ts'
import {parseVmRecord} from './spec-record.ts'
import {validateVmRegister} from './spec-validation.ts'

/** The registration in the parent ConfigMap of a VM. Undefined when kubectl-mesh did not register the VM. */
export function registrationOf(facts: Pick<VmFacts, 'parent'>): VmRegistration | undefined {
  return facts.parent && registrationIn(facts.parent)
}

/**
 * The registration in the parent ConfigMap of a VM.
 *
 * @throws MeshError (exit 3) when kubectl-mesh did not register the VM
 */
export function requireRegistration(facts: Pick<VmFacts, 'parent'>, {name, namespace}: VmKey): VmRegistration {
  const registration = registrationOf(facts)
  if (registration) return registration
  throw refusedError(
    `${namespace}/${name} was not registered by kubectl mesh`,
    `kubectl mesh vm register ${name} -n ${namespace} … (kubectl mesh vm list shows the existing VMs)`,
  )
}

function registrationIn(parent: KubernetesObject): VmRegistration | undefined {
  const raw = parseVmRecord((parent.data as Record<string, string> | undefined)?.spec)
  return raw && (readSpec(vmRegisterFields, raw, validateVmRegister) as VmRegistration)
}

/**
 * Completes the location of a VM: a system namespace or revision that is not set comes from the registration.
 *
 * @param raw the input, which shows whether a value was set or is a default
 * @throws ApiError, UnreachableError
 */
export async function locateVm<T extends VmLocation>(
  cluster: Cluster,
  spec: T,
  raw: {systemNamespace?: unknown; revision?: unknown},
): Promise<T> {
  const {namespace, name} = spec
  const parent = await cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: vmSetName(name)})
  const registered = parent && registrationIn(parent)
  return {
    ...spec,
    systemNamespace:
      raw.systemNamespace === undefined && registered ? registered.systemNamespace : spec.systemNamespace,
    revision: raw.revision === undefined ? (registered?.revision ?? spec.revision) : spec.revision,
  }
}
