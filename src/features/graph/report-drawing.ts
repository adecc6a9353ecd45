import {count} from '../../text/count.ts'
import {type DrawnEdge, edgesOf, type ServiceGroup, serviceGroups, servicesId} from './report-edges.ts'
import {type Row, rowsOf} from './report-rows.ts'
import type {Graph, GraphCluster, GraphState} from './report-types.ts'

/** A box of a picture. */
export interface DrawnNode {
  /** Letters and digits: safe as an identifier in every format. */
  id: string
  kind: 'cluster' | 'services' | 'unknown'
  title: string
  /** Version of Istio; '' if it is not known. */
  subtitle: string
  rows: readonly Row[]
  state: GraphState
  /** '' for a node outside every network. */
  network: string
}

/** What every picture shows, without positions. */
export interface Drawing {
  nodes: readonly DrawnNode[]
  edges: readonly DrawnEdge[]
  /** Names of networks, in the order of their first cluster. */
  networks: readonly string[]
}

/** Returns the boxes and arrows of a graph. */
export function drawingOf(graph: Graph): Drawing {
  const clusters = graph.clusters.map((cluster, at) => clusterNode(cluster, at))
  const groups = serviceGroups(graph)
  const known = new Set(graph.clusters.map(({name}) => name))
  const mentioned = [
    ...graph.links.flatMap(({holder, target}) => [holder, target]),
    ...graph.clusters.flatMap(({primary}) => (primary === null ? [] : [primary])),
    ...groups.flatMap(({exporters, importers}) => [...exporters, ...importers]),
  ]
  const unknown = [...new Set(mentioned)].filter(name => !known.has(name)).map(unknownNode)
  const nodes = [...clusters, ...unknown, ...groups.map(servicesNode)]
  const ids = new Map([...unknown, ...clusters].map(({title, id}) => [title, id]))
  return {nodes, edges: edgesOf(graph, groups, ids), networks: [...new Set(clusters.map(({network}) => network))]}
}

function clusterNode(cluster: GraphCluster, at: number): DrawnNode {
  const {name, istio, primary, state, network} = cluster
  return {
    id: `c${at}`,
    kind: 'cluster',
    title: name,
    subtitle: istio ?? (primary === null ? '' : `istiod of ${primary}`),
    rows: rowsOf(cluster),
    state,
    network: network ?? '',
  }
}

function unknownNode(name: string, at: number): DrawnNode {
  const rows: Row[] = [{kind: 'problem', label: '', value: 'not read: not one of --contexts', state: 'warning'}]
  return {id: `u${at}`, kind: 'unknown', title: name, subtitle: '', rows, state: 'warning', network: ''}
}

function servicesNode({services}: ServiceGroup, at: number): DrawnNode {
  const shown = services.slice(1, 8)
  const more = services.length - 1 - shown.length
  const values = [...shown, ...(more > 0 ? [`and ${count(more, 'more service')}`] : [])]
  return {
    id: servicesId(at),
    kind: 'services',
    title: services[0]!,
    subtitle: '',
    rows: values.map(value => ({kind: 'service', label: '', value, state: 'ok'})),
    state: 'ok',
    network: '',
  }
}
