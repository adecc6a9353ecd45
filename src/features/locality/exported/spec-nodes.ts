import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {type ExportedDocument, unlessMissing} from '../../../mesh/exported/exported.ts'
import {formatLocality, type Locality, localityLabels, localityParts} from '../istio.ts'
import {readLabelUndo} from '../label/objects-undo.ts'

/** Returns one document for each locality that `mesh locality label` has set on nodes of a cluster. */
export function nodeDocuments(context: string, nodes: readonly KubernetesObject[]): ExportedDocument[] {
  const labelled = nodes.flatMap(node => {
    const locality = labelledLocality(node)
    return locality ? [{name: node.metadata.name, locality}] : []
  })
  const groups = Map.groupBy(labelled, ({locality}) => formatLocality(locality))
  return [...groups].sort(byKey).map(([text, group]) => {
    const {region, zone, subzone} = group[0]!.locality
    const raw = {
      nodes: group.map(({name}) => name).sort(),
      ...unlessMissing('region', region || undefined),
      ...unlessMissing('zone', zone || undefined),
      ...unlessMissing('subzone', subzone || undefined),
    }
    return {name: nameOf(text), context, raw}
  })
}

/**
 * Returns the locality of a node, up to the smallest part that `mesh locality label` has set and that is still there. A larger part
 * may have another owner: a zone cannot be set without its region.
 */
function labelledLocality(node: KubernetesObject): Locality | undefined {
  const undo = readLabelUndo(node)
  const labels = node.metadata.labels ?? {}
  const last = localityParts.findLastIndex(part => {
    const set = undo?.get(localityLabels[part])?.set
    return set !== undefined && set === labels[localityLabels[part]]
  })
  if (last < 0) return undefined
  const [region = '', zone = '', subzone = ''] = localityParts
    .slice(0, last + 1)
    .map(part => labels[localityLabels[part]] ?? '')
  return {region, zone, subzone}
}

/** `eu/eu-1` as a DNS name: `eu-eu-1`. */
function nameOf(locality: string): string {
  return locality.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-')
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
