import {type KubernetesObject, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import type {VmKey} from '../facts.ts'
import {entryStatusOf, groupOfEntry} from '../istio-workloads.ts'

/**
 * Whether the machines of a VM are connected to istiod: all of them, not all, or unknown because istiod does not record it. `none`:
 * no machine has registered itself.
 */
export type Machines = 'connected' | 'disconnected' | 'unknown' | 'none'

/**
 * Returns whether the machines of a VM are connected.
 *
 * @param workloads the objects of the VM, by `refKey`
 * @param entries WorkloadEntries of all namespaces
 */
export function machinesOf(
  {namespace, name, workloads}: VmKey & {workloads: ReadonlySet<string>},
  entries: readonly KubernetesObject[],
): Machines {
  const own = entries.filter(
    entry =>
      entry.metadata.namespace === namespace && (groupOfEntry(entry) === name || workloads.has(refKey(refOf(entry)))),
  )
  if (own.length === 0) return 'none'
  const connected = own.map(entry => entryStatusOf(entry).connected)
  if (connected.includes(false)) return 'disconnected'
  return connected.includes(undefined) ? 'unknown' : 'connected'
}
