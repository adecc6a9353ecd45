import {type ExportedDocument, unlessMissing} from '../../../mesh/exported/exported.ts'
import type {ServiceImport} from '../../../mesh/services/objects.ts'
import {defaultDomain} from '../spec.ts'

/** What one cluster imports. */
export interface ImportingCluster {
  context: string
  systemNamespace: string
  /** Revision that finds its control plane; undefined if it has one without a revision. */
  revision: string | undefined
  imports: readonly ServiceImport[]
}

/** A service that a cluster exports to others. */
interface Export {
  /** Context of the exporting cluster. */
  from: string
  /** Contexts of the importing clusters, in the order of the clusters. */
  to: string[]
}

/**
 * Returns the documents of exported services, from what clusters import.
 *
 * @param contexts by the name of a cluster in the mesh
 */
export function exportDocuments(
  clusters: readonly ImportingCluster[],
  contexts: ReadonlyMap<string, string>,
): ExportedDocument[] {
  const all = clusters.flatMap(importer =>
    importer.imports.flatMap(({name, namespace, exporters}) =>
      Object.entries(exporters).map(([cluster, {byLabel = false, clusterDomain}]) => {
        const {systemNamespace, revision} = importer
        const where = {name, namespace, systemNamespace, revision, clusterDomain}
        return {where, importer: importer.context, cluster, byLabel}
      }),
    ),
  )
  const groups = Map.groupBy(all, ({where}) => JSON.stringify(where))
  return [...groups.values()].flatMap(group => {
    const {name, namespace, systemNamespace, revision, clusterDomain} = group[0]!.where
    const common = {
      name,
      namespace,
      systemNamespace,
      ...unlessMissing('revision', revision),
      ...(clusterDomain === defaultDomain ? {} : {clusterDomain}),
    }
    const known = group.filter(({cluster, byLabel}) => contexts.has(cluster) && !byLabel)
    const unknown = group.filter(({cluster}) => !contexts.has(cluster)).map(({cluster}) => cluster)
    const gaps =
      unknown.length > 0 ? [`cluster ${[...new Set(unknown)].join(', ')}: it exports too, and was not read`] : []
    return placesOf(known.map(({cluster, importer}) => ({from: contexts.get(cluster)!, to: importer}))).map(place => ({
      raw: {...common, ...place},
      gaps,
    }))
  })
}

/**
 * The fields `contexts` and `to` for exporters and their importers. Without `to`, all of `contexts` import from each other; otherwise
 * clusters that export to the same others share a document.
 */
function placesOf(pairs: readonly {from: string; to: string}[]): {contexts: string[]; to?: string[]}[] {
  const exports = [...Map.groupBy(pairs, ({from}) => from)].map(
    ([from, own]): Export => ({from, to: own.map(({to}) => to).sort()}),
  )
  const all = exports.map(({from}) => from).sort()
  const isMutual = all.length > 1 && exports.every(({from, to}) => [from, ...to].sort().join() === all.join())
  if (isMutual) return [{contexts: all}]
  const groups = Map.groupBy(exports, ({to}) => to.join())
  return [...groups.values()].map(group => ({contexts: group.map(({from}) => from).sort(), to: group[0]!.to}))
}
