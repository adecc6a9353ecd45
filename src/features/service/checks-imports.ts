import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../findings/check.ts'
import {entryAddresses, entryHosts} from '../../mesh/services/addresses.ts'
import {clientRuleProblems} from '../../mesh/services/client-rules.ts'
import {globalHost, type ServiceImport} from '../../mesh/services/objects.ts'
import type {ImportingCluster} from '../../mesh/services/read.ts'
import {blindProblems} from '../../mesh/services/unread.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import {someOf} from '../../text/count.ts'
import {shellWord} from '../../text/shell-word.ts'

/** Input of the checks of what clusters import. */
export interface ImportSubject {
  importing: readonly ImportingCluster[]
  /** What each importing cluster imports after the change, in their order. */
  after: readonly (readonly ServiceImport[])[]
  systemNamespace: string
}

type ImportCheck = Check<ImportSubject>

const importsValid: ImportCheck = {
  id: 'imports-valid',
  about: 'all imports are as kubectl-mesh wrote them',
  run: ({importing}) =>
    importing.flatMap(({name, problems}) =>
      problems.map((problem): Finding => ({level: 'warning', cluster: name, ...problem})),
    ),
}

const importsRead: ImportCheck = {
  id: 'imports-read',
  about: 'istiod watches the namespace of the imports',
  run: ({importing, systemNamespace}) =>
    importing.flatMap(one =>
      blindProblems(one, systemNamespace).map(
        (problem): Finding => ({level: 'warning', cluster: one.name, ...problem}),
      ),
    ),
}

/**
 * A proxy uses the ServiceEntry in its namespace, else the oldest one that it can see (istio
 * pilot/pkg/model/sidecar.go, `appendSidecarServices`, 1.31). kubectl-mesh cannot prevent this, and a refusal would enable
 * namespace administrators to block exports.
 */
const hostsUnique: ImportCheck = {
  id: 'hosts-unique',
  about: 'no other ServiceEntry has the host or address of an import',
  run: ({importing, after}) => importing.flatMap((cluster, at) => sharedNames(cluster, after[at] ?? [])),
}

function sharedNames(cluster: ImportingCluster, imports: readonly ServiceImport[]): Finding[] {
  const hosts = new Set(imports.map(globalHost))
  const addresses = new Set(imports.flatMap(one => one.addresses))
  const shared = (entry: KubernetesObject) => [
    ...entryHosts(entry).filter(host => hosts.has(host)),
    ...entryAddresses(entry).filter(address => addresses.has(address)),
  ]
  const conflicts = cluster.outsideEntries.filter(entry => shared(entry).length > 0)
  return byNamespace(conflicts).map(([namespace, entries]) => ({
    level: 'warning',
    cluster: cluster.name,
    message: `ServiceEntry ${namesOf(entries)} in namespace ${namespace} also has ${someOf([...new Set(entries.flatMap(shared))])}: Istio uses the entry in the namespace of a client, else the oldest one`,
    hints: [hintOf(cluster, namespace), 'delete the entry, or restrict it to its namespace (exportTo: ["."])'],
  }))
}

function byNamespace(entries: readonly KubernetesObject[]): [string, KubernetesObject[]][] {
  return [...Map.groupBy(entries, ({metadata}) => metadata.namespace ?? '')]
}

function namesOf(entries: readonly KubernetesObject[]): string {
  return someOf(entries.map(({metadata}) => metadata.name))
}

function hintOf({context}: ImportingCluster, namespace: string): string {
  return `kubectl ${contextFlags(context)} -n ${shellWord(namespace)} get serviceentries`
}

const rulesUsed: ImportCheck = {
  id: 'client-rules',
  about: 'no other DestinationRule replaces that of an import',
  run: ({importing, after, systemNamespace}) =>
    importing.flatMap(({name, rules, context}, at) =>
      clientRuleProblems(after[at] ?? [], rules, {systemNamespace, context}).map(
        (problem): Finding => ({level: 'warning', cluster: name, ...problem}),
      ),
    ),
}

/** The checks of what clusters import. All of them are warnings. */
export const importChecks: readonly ImportCheck[] = [importsValid, importsRead, hostsUnique, rulesUsed]
