import {shorten} from '../../terminal/picture/escape.ts'
import type {Drawing, DrawnNode} from './report-drawing.ts'
import type {DrawnEdge} from './report-edges.ts'

/** A rectangle in pixels; `x` and `y` are its upper left corner. */
interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** A point in pixels. */
export interface Point {
  x: number
  y: number
}

/** A drawing with the position of everything. */
export interface LaidOut {
  width: number
  height: number
  networks: (Box & {name: string})[]
  nodes: (Box & {node: DrawnNode})[]
  edges: {edge: DrawnEdge; points: readonly Point[]; label: Point}[]
}

/** Sizes of a box and its text in pixels. */
export const sizes = {
  /** Width of a character. The font is monospaced. */
  character: 7.3,
  /** Longer rows are shortened. */
  mostCharacters: 48,
  /** Column of the values. */
  labelCharacters: 10,
  line: 17,
  padding: 12,
  title: 22,
} as const

/** A network has its name above its clusters. */
const networkTitle = 24

/**
 * Computes the positions of boxes and arrows. The library is loaded here and not before, because other commands and formats
 * do not need it.
 */
export async function layOut({nodes, edges, networks}: Drawing): Promise<LaidOut> {
  const {default: dagre} = await import('@dagrejs/dagre')
  const graph = new dagre.graphlib.Graph({compound: true, multigraph: true})
  graph.setGraph({rankdir: 'TB', nodesep: 40, ranksep: 40, marginx: 20, marginy: 20})
  const named = networks.filter(name => name !== '')
  for (const [at] of named.entries()) graph.setNode(networkId(at), {})
  for (const node of nodes) {
    graph.setNode(node.id, sizeOf(node))
    if (node.network !== '') graph.setParent(node.id, networkId(named.indexOf(node.network)))
  }
  for (const [at, edge] of edges.entries())
    graph.setEdge(edge.from, edge.to, {...labelSize(edge), labelpos: 'c'}, String(at))
  dagre.layout(graph)
  const {width = 0, height = 0} = graph.graph()
  return {
    width: Math.ceil(width),
    height: Math.ceil(height) + networkTitle,
    networks: named.map((name, at) => ({name, ...networkBox(boxOf(graph.node(networkId(at))))})),
    nodes: nodes.map(node => ({node, ...boxOf(graph.node(node.id))})),
    edges: edges.map((edge, at) => {
      const {points = [], x = 0, y = 0} = graph.edge({v: edge.from, w: edge.to, name: String(at)})
      return {edge, points: points.map(lowered), label: lowered({x, y})}
    }),
  }
}

function networkId(at: number): string {
  return `n${at}`
}

function sizeOf({title, subtitle, rows}: DrawnNode): {width: number; height: number} {
  const {character, padding, line, title: titleHeight, labelCharacters, mostCharacters} = sizes
  const lengths = rows.map(({label, value}) => (label === '' ? 0 : labelCharacters) + length(value))
  const most = Math.min(mostCharacters, Math.max(16, length(title) + length(subtitle) + 2, ...lengths))
  return {width: most * character + 2 * padding, height: titleHeight + rows.length * line + 2 * padding}
}

function labelSize({label}: DrawnEdge): {width: number; height: number} {
  const {character, line, mostCharacters} = sizes
  return label === ''
    ? {width: 0, height: 0}
    : {width: Math.min(mostCharacters, length(label)) * character, height: line}
}

/** The number of characters after escaping. */
function length(text: string): number {
  return [...shorten(text, sizes.mostCharacters)].length
}

/** The library returns the center of a box. */
function boxOf({x = 0, y = 0, width = 0, height = 0}: Partial<Box>): Box {
  return {
    x: rounded(x - width / 2),
    y: rounded(y - height / 2) + networkTitle,
    width: rounded(width),
    height: rounded(height),
  }
}

function networkBox({x, y, width, height}: Box): Box {
  return {x, y: y - networkTitle / 2, width, height: height + networkTitle / 2}
}

function lowered({x, y}: Point): Point {
  return {x: rounded(x), y: rounded(y) + networkTitle}
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
