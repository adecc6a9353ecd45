import {isFine, withCheck} from './report-rows.ts'
import type {Graph, GraphLink, GraphState} from './report-types.ts'

/** An arrow of a picture. */
export interface DrawnEdge {
  from: string
  to: string
  kind: 'reads' | 'istiod' | 'exports' | 'imports'
  /** The arrow has two heads: the same is true in the other direction. */
  both: boolean
  state: GraphState
  label: string
}

/** Exports with the same exporters and importers are one box. */
export interface ServiceGroup {
  services: string[]
  exporters: readonly string[]
  importers: readonly string[]
}

/** Identifier of the box of a group of exports. */
export function servicesId(at: number): string {
  return `s${at}`
}

/** Groups the exports that have the same exporters and importers. */
export function serviceGroups({exports}: Graph): ServiceGroup[] {
  const groups = Map.groupBy(exports, ({exporters, importers}) => JSON.stringify([exporters, importers]))
  return [...groups.values()].map(group => ({
    services: group.map(({service}) => service),
    exporters: group[0]!.exporters,
    importers: group[0]!.importers,
  }))
}

/**
 * Returns the arrows between boxes. Two working links between the same clusters are one arrow with two heads.
 *
 * @param ids identifiers of the boxes of clusters, by name
 */
export function edgesOf(
  {clusters, links}: Pick<Graph, 'clusters' | 'links'>,
  groups: readonly ServiceGroup[],
  ids: ReadonlyMap<string, string>,
): DrawnEdge[] {
  const idOf = (name: string) => ids.get(name)!
  const plain = {both: false, state: 'ok' as const}
  return [
    ...linkEdges(links).map(edge => ({...edge, from: idOf(edge.from), to: idOf(edge.to)})),
    ...clusters.flatMap(({name, primary}): DrawnEdge[] =>
      primary === null ? [] : [{...plain, from: idOf(name), to: idOf(primary), kind: 'istiod', label: 'uses istiod'}],
    ),
    ...groups.flatMap(({exporters, importers}, at): DrawnEdge[] => [
      ...exporters.map(one => ({
        ...plain,
        from: idOf(one),
        to: servicesId(at),
        kind: 'exports' as const,
        label: 'exports',
      })),
      ...importers.map(one => ({...plain, from: servicesId(at), to: idOf(one), kind: 'imports' as const, label: ''})),
    ]),
  ]
}

/** Links as arrows between names of clusters. */
function linkEdges(links: readonly GraphLink[]): DrawnEdge[] {
  return links.flatMap((link): DrawnEdge[] => {
    const {holder, target, state} = link
    const back = links.find(other => other.holder === target && other.target === holder)
    const both = isFine(state) && back?.state === state
    if (both && links.indexOf(back!) < links.indexOf(link)) return []
    const label = both ? textOfBoth(link, back!) : withCheck(link.text, link.check)
    return [{from: holder, to: target, kind: 'reads', both, state, label}]
  })
}

/** The credential that expires first matters. */
function textOfBoth(one: GraphLink, back: GraphLink): string {
  const left = (link: GraphLink) => link.expiresInSeconds ?? Number.POSITIVE_INFINITY
  return left(back) < left(one) ? back.text : one.text
}
