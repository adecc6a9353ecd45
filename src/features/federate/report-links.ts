import {linksOf} from '../../mesh/contexts/links.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {primaryAmong} from '../../mesh/primary-remote.ts'
import {readGatewaysRecord} from '../../mesh/record.ts'
import {count} from '../../text/count.ts'

/**
 * Returns the clusters of the mesh outside this run with which each cluster has no link, sorted by name.
 *
 * A cluster outside the run belongs to the mesh if a cluster of the run has a credential for it, or issued a token to it. Only in
 * multi-primary mode is each cluster linked with each other. The links between clusters outside the run are not known.
 *
 * @param all the clusters of the run, as they are after the last write
 * @returns by cluster name; clusters without facts are absent
 */
export function unlinkedClusters(all: readonly MeshMember[]): Map<string, string[]> {
  const isOtherMode = all.some(({facts}) => readGatewaysRecord(facts?.record)) || primaryAmong(all) !== undefined
  if (isOtherMode) return new Map()
  const links = new Map(all.flatMap(({cluster, facts}) => (facts ? [[cluster, linksOf(facts)] as const] : [])))
  const names = new Set(all.map(({cluster}) => cluster))
  const linked = new Set([...links.values()].flatMap(own => [...own]))
  const outside = [...linked].filter(name => !names.has(name)).sort()
  return new Map([...links].map(([cluster, own]) => [cluster, outside.filter(name => !own.has(name))]))
}

/**
 * Returns the warning about pairs of the mesh that are not linked. Empty if there are none.
 *
 * @param rows clusters of the run, with what `unlinkedClusters` returned for each
 * @param command returns the command line that links clusters, given the names of those outside the run
 */
export function unlinkedWarning(
  rows: readonly {cluster: string; unlinked?: readonly string[]}[],
  command: (outside: readonly string[]) => string,
): string[] {
  const pairs = rows.flatMap(({cluster, unlinked = []}) => unlinked.map(other => [cluster, other] as const))
  if (pairs.length === 0) return []
  const outside = [...new Set(pairs.map(([, other]) => other))]
  return [
    `warning: ${count(pairs.length, 'pair')} of clusters in the mesh ${pairs.length === 1 ? 'is' : 'are'} not linked: ${pairs.map(pair => pair.join(' and ')).join(', ')}`,
    `hint:    to link all clusters: ${command(outside)}`,
  ]
}
