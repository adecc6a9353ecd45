import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check} from '../../../findings/check.ts'
import {type VmFacts, type VmLocation, workloadsOf} from '../facts.ts'
import {type EntrySpec, entrySpecOf, templateOf} from '../istio-workloads.ts'
import type {VmRegistration} from '../spec.ts'
import type {TlsInspection} from './read-tls.ts'

/** The input of the checks of `mesh vm verify`. */
export interface VmVerifySubject {
  vm: VmLocation
  /** Undefined when kubectl-mesh did not register the VM. */
  registration: VmRegistration | undefined
  facts: VmFacts
  /** The address at which the VM connects to istiod, and the result of a connection from this machine. Undefined without an address. */
  gateway: {address: string; tls: TlsInspection} | undefined
  /** When the token in the bundle expires. Undefined without a bundle. */
  tokenExpires: Date | undefined
  /** Folder of the bundle. */
  folder: string
  now: Date
}

/** A check of `mesh vm verify`. */
export type VerifyCheck = Check<VmVerifySubject>

/** The WorkloadEntries of the VM. */
export function entriesOf({facts, vm}: VmVerifySubject): KubernetesObject[] {
  return workloadsOf(facts, vm).entries
}

/** Whether the VM has a WorkloadGroup or a WorkloadEntry. */
export function isRegistered({facts, vm}: VmVerifySubject): boolean {
  const {group, entries} = workloadsOf(facts, vm)
  return group !== undefined || entries.length > 0
}

/** The workloads of the VM: the template of its group and the spec of each entry. */
export function workloadSpecsOf({facts, vm}: VmVerifySubject): EntrySpec[] {
  const {group, entries} = workloadsOf(facts, vm)
  return [...(group ? [templateOf(group)] : []), ...entries.map(entrySpecOf)]
}
