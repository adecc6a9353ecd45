import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {coversHost} from '../../istio/mesh-host.ts'
import {isReadBy} from '../../istio/revision.ts'
import {entryHosts} from '../../mesh/services/addresses.ts'
import type {VmFacts} from './facts.ts'

/** The ServiceEntries of other namespaces that clients in several namespaces use for a host. */
export interface HostHolders {
  /** They have exactly the host. Of several entries, a client uses the one in its namespace, else the oldest. */
  same: KubernetesObject[]
  /** Their wildcard covers the host. The entry of the VM, which is more specific, takes precedence. */
  wildcard: KubernetesObject[]
}

/**
 * Returns the ServiceEntries of other namespaces for a host of a VM (istio pilot/pkg/model/sidecar.go, `appendSidecarServices`,
 * 1.31).
 */
export function holdersElsewhere(
  host: string,
  {foreignEntries}: Pick<VmFacts, 'foreignEntries'>,
  revision: string | undefined,
): HostHolders {
  const visible = foreignEntries.filter(entry => isReadBy(entry, revision) && isExported(entry))
  const same = visible.filter(entry => entryHosts(entry).includes(host))
  const wildcard = visible.filter(
    entry => !same.includes(entry) && entryHosts(entry).some(pattern => coversHost(pattern, host)),
  )
  return {same, wildcard}
}

/** `.` exports an entry to its own namespace, and `~` to none. Without `exportTo`, it is exported to all. */
function isExported({metadata, spec}: KubernetesObject): boolean {
  const {exportTo} = (spec ?? {}) as {exportTo?: unknown}
  if (!Array.isArray(exportTo) || exportTo.length === 0) return true
  return exportTo.some(target => target !== '.' && target !== '~' && target !== metadata.namespace)
}
