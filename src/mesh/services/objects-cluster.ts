import {applySetParent, applySetParentRemoval} from '../../engine/kubernetes/applyset.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import {buildDnsStub} from '../dns/objects-stub.ts'
import type {GatewaysRecord} from '../record.ts'
import {
  buildServiceImport,
  globalHost,
  type ImportPlace,
  removeServiceImport,
  type ServiceImport,
  servicesApplySet,
} from './objects.ts'

/** The imports of a cluster before and after a change. */
export interface ServiceImports {
  before: readonly ServiceImport[]
  after: readonly ServiceImport[]
  /** Whether the parent of the ApplySet exists. */
  hasParent: boolean
  /** Record of the federation, with the DNS server that resolves `.global`. */
  record: GatewaysRecord | undefined
}

/**
 * Builds all imports of a cluster. Imports that are not in `after` are removed; if none remains, the ApplySet's parent is
 * removed too. If a DNS server of the cluster resolves `.global`, its names are updated.
 */
export function buildServiceImports(place: ImportPlace, imports: ServiceImports): Change[] {
  const {before, after, record} = imports
  const kept = new Set(after.map(globalHost))
  const removed = before.filter(imported => !kept.has(globalHost(imported)))
  const changes: Change[] = [
    ...after.flatMap(imported => buildServiceImport(place, imported)),
    ...removed.flatMap(imported => removeServiceImport(place, imported)),
    ...parentChanges(place, imports),
  ]
  if (record && record.dns !== 'istio' && changes.length > 0) {
    const names = new Map(after.map(imported => [globalHost(imported), imported.addresses] as const))
    const {dns, dnsForward} = record
    changes.push(buildDnsStub({cluster: place.cluster, dns, names, forward: dnsForward, forwardBefore: dnsForward}))
  }
  return changes
}

function parentChanges(place: ImportPlace, {after, hasParent}: ServiceImports): Change[] {
  const {cluster} = place
  const set = servicesApplySet(place)
  if (after.length > 0) return [applySetParent(set, cluster, {cluster})]
  return hasParent ? [applySetParentRemoval(set, cluster)] : []
}
