import {applySetParent, applySetParentRemoval} from '../../engine/kubernetes/applyset-parent.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {replacedParentRemovals} from '../../engine/plan/replaced-sets.ts'
import type {DnsFacts} from '../dns/facts.ts'
import {buildDnsStub} from '../dns/objects-stub.ts'
import type {GatewaysRecord} from '../record.ts'
import {
  buildServiceImport,
  globalHost,
  type ImportPlace,
  removeServiceImports,
  type ServiceImport,
  servicesApplySet,
} from './objects.ts'
import {dnsNamesOf} from './parse-import.ts'

/** The imports of a cluster after a change, and what exists of them. */
export interface ServiceImports {
  after: readonly ServiceImport[]
  /** ServiceEntries that are not valid imports any more. They stay, and their names resolve. */
  invalid: readonly KubernetesObject[]
  /** The live objects of all imports. Only these are removed. */
  members: readonly KubernetesObject[]
  /** Whether the parent of the ApplySet exists. */
  hasParent: boolean
  /** Parents of ApplySets that it replaces. */
  replaced?: readonly KubernetesObject[]
  /** Record of the federation, with the DNS server that resolves `.global`. */
  record: GatewaysRecord | undefined
  /** Configuration of that DNS server. */
  dns: DnsFacts
}

/**
 * Builds all imports of a cluster. Imports that are not in `after` are removed; if none remains, the ApplySet's parent is
 * removed too. If a DNS server of the cluster resolves `.global`, its names are updated.
 */
export function buildServiceImports(place: ImportPlace, imports: ServiceImports): Change[] {
  const {after, record, dns: found} = imports
  const changes: Change[] = [
    ...after.flatMap(imported => buildServiceImport(place, imported)),
    ...removeServiceImports(place.cluster, removedObjects(imports)),
    ...parentChanges(place, imports),
  ]
  if (record && record.dns !== 'istio' && changes.length > 0) {
    const names = new Map([
      ...dnsNamesOf(imports.invalid),
      ...after.map(imported => [globalHost(imported), imported.addresses] as const),
    ])
    const {dns, dnsForward} = record
    const {cluster} = place
    changes.push(buildDnsStub({cluster, dns, names, forward: dnsForward, forwardBefore: dnsForward, found}))
  }
  return changes
}

/** Both objects of an import have its host as their name. Also what an interrupted removal has left is removed. */
function removedObjects({
  after,
  invalid,
  members,
}: Omit<ServiceImports, 'record' | 'dns'>): readonly KubernetesObject[] {
  const kept = new Set([...after.map(globalHost), ...invalid.map(({metadata}) => metadata.name)])
  return members.filter(({metadata}) => !kept.has(metadata.name))
}

/**
 * Returns the names of objects that an interrupted removal has left; with an empty name if it has left the parent of the
 * ApplySet.
 */
export function interruptedRemovals(
  imports: Pick<ServiceImports, 'invalid' | 'members' | 'hasParent'> & {imports: readonly ServiceImport[]},
): string[] {
  const {imports: after, invalid, hasParent} = imports
  const isParentLeft = hasParent && after.length + invalid.length === 0
  const names = removedObjects({...imports, after}).map(({metadata}) => metadata.name)
  return isParentLeft ? ['', ...names] : names
}

function parentChanges(place: ImportPlace, imports: ServiceImports): Change[] {
  const {after, invalid, hasParent, replaced = []} = imports
  const {cluster} = place
  const set = servicesApplySet(place)
  const replacements = replacedParentRemovals(cluster, replaced)
  if (after.length > 0) return [applySetParent(set, cluster, {cluster}), ...replacements]
  if (invalid.length > 0) return []
  return [...(hasParent ? [applySetParentRemoval(set, cluster)] : []), ...replacements]
}
