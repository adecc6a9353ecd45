import {applySetParent} from '../../engine/kubernetes/applyset.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
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

/** What a cluster imports now, and what it is to import. */
export interface ServiceImports {
  before: readonly ServiceImport[]
  after: readonly ServiceImport[]
  /** The set's parent is there. */
  hasParent: boolean
  /** What the federation noted of the cluster: who answers for the names. */
  record: GatewaysRecord | undefined
}

/**
 * All that a cluster imports, whole: what is left out of `after` goes, and the last one takes our record with it. The
 * cluster's DNS is told the names, where it is the one that answers.
 */
export function buildServiceImports(place: ImportPlace, imports: ServiceImports): Change[] {
  const {before, after, hasParent, record} = imports
  const {cluster} = place
  const set = servicesApplySet(place)
  const kept = new Set(after.map(globalHost))
  const changes: Change[] = [
    ...after.flatMap(imported => buildServiceImport(place, imported)),
    ...before.filter(imported => !kept.has(globalHost(imported))).flatMap(gone => removeServiceImport(place, gone)),
  ]
  if (after.length > 0) changes.push(applySetParent(set, cluster, {cluster}))
  else if (hasParent) {
    const target = {apiVersion: 'v1', kind: 'ConfigMap', namespace: set.namespace, name: set.name}
    changes.push({action: 'remove', cluster, wave: waves.namespaces, target})
  }
  if (record && record.dns !== 'istio' && changes.length > 0) {
    const names = new Map(after.map(imported => [globalHost(imported), imported.addresses] as const))
    const {dns, dnsForward} = record
    changes.push(buildDnsStub({cluster, dns, names, forward: dnsForward, forwardBefore: dnsForward}))
  }
  return changes
}
