import type {StyledLine} from '../../terminal/output/styled.ts'
import {count} from '../../text/count.ts'
import {escapeLine} from '../../text/escape-terminal.ts'
import {serviceGroups} from './report-edges.ts'
import {isFine, type Row, rowsOf, withCheck} from './report-rows.ts'
import type {Graph, GraphCluster, GraphState} from './report-types.ts'

/** The picture is not wider than the usual terminal. A wide character counts as one column. */
const width = 80
const gap = 2

/** Width of the labels in a box. */
const labelWidth = 10

interface Symbols {
  marks: Record<GraphState, string>
  topLeft: string
  topRight: string
  bottomLeft: string
  bottomRight: string
  across: string
  down: string
  dot: string
  arrow: string
  more: string
}

const unicode: Symbols = {
  marks: {ok: '✔', planned: ' ', warning: '‼', broken: '✘'},
  ...{topLeft: '┌', topRight: '┐', bottomLeft: '└', bottomRight: '┘', across: '─', down: '│'},
  ...{dot: '·', arrow: '→', more: '…'},
}

const ascii: Symbols = {
  marks: {ok: 'ok', planned: '  ', warning: '!!', broken: 'XX'},
  ...{topLeft: '+', topRight: '+', bottomLeft: '+', bottomRight: '+', across: '-', down: '|'},
  ...{dot: '-', arrow: '->', more: '...'},
}

/**
 * Formats a graph for a terminal: boxes in pairs, then what is broken, then a summary.
 *
 * @param useAscii write only ASCII, for a locale without UTF-8
 */
export function formatText(graph: Graph, useAscii: boolean): StyledLine[] {
  return useAscii ? linesOf(asciiGraph(graph), ascii) : linesOf(graph, unicode)
}

function linesOf(graph: Graph, symbols: Symbols): StyledLine[] {
  const boxWidth = graph.clusters.length === 1 ? width : (width - gap) / 2
  const boxes = graph.clusters.map(cluster => boxOf(cluster, graph, boxWidth, symbols))
  return [
    ...pairsOf(boxes).flatMap(pair => sideBySide(pair, boxWidth, symbols).map(text => ({text}))),
    ...problemLines(graph, symbols),
    ...exportLines(graph, symbols),
    {text: summaryOf(graph, symbols)},
  ]
}

/** A box without its last line, so that two boxes can have the same height. The first line is the network. */
function boxOf(cluster: GraphCluster, graph: Graph, boxWidth: number, symbols: Symbols): string[] {
  const {across, topLeft, topRight, down, marks} = symbols
  const version = cluster.istio ?? (cluster.primary === null ? '' : `istiod of ${cluster.primary}`)
  const inner = boxWidth - 4
  const mark = marks[cluster.state].trim()
  const end = mark === '' ? across + topRight : ` ${mark} ${topRight}`
  const room = boxWidth - length(end) - 4
  const title = cut([cluster.name, version].filter(text => text !== '').join('  '), room, symbols)
  const top = `${topLeft}${across} ${title} `
  const rows = [...rowsOf(cluster).filter(({kind}) => kind !== 'problem'), ...readRows(cluster, graph)]
  const content = rows.flatMap(row => rowLines(row, inner, symbols))
  return [
    cut(` ${cluster.network ?? ''}`, boxWidth, symbols).padEnd(boxWidth),
    top + across.repeat(boxWidth - length(top) - length(end)) + end,
    ...content.map(line => `${down} ${pad(line, inner)} ${down}`),
  ]
}

/** The links that begin in a cluster. */
function readRows({name}: GraphCluster, {links}: Graph): Pick<Row, 'label' | 'value' | 'state'>[] {
  return links
    .filter(({holder}) => holder === name)
    .map(({target, text, state, check}) => ({
      label: 'reads',
      // The message of a check is below the boxes.
      value: [target, check ?? text].filter(part => part !== '').join(', '),
      state,
    }))
}

function rowLines(
  {label, value, state}: Pick<Row, 'label' | 'value' | 'state'>,
  inner: number,
  symbols: Symbols,
): string[] {
  const room = inner - labelWidth - 3
  const parts = wrap(escapeLine(value), room)
  return parts.map((part, at) => {
    const mark = at === 0 ? symbols.marks[state] : ''
    return `${(at === 0 ? label : '').padEnd(labelWidth)}${pad(part, room)} ${mark}`
  })
}

/** Breaks a text after spaces where possible, so that addresses stay complete. */
function wrap(text: string, room: number): string[] {
  const lines: string[] = []
  let rest = [...text]
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room)
    const end = space > 0 ? space : room
    lines.push(rest.slice(0, end).join(''))
    rest = rest.slice(space > 0 ? end + 1 : end)
  }
  return [...lines, rest.join('')]
}

function sideBySide(boxes: readonly string[][], boxWidth: number, symbols: Symbols): string[] {
  const {bottomLeft, bottomRight, across, down} = symbols
  const height = Math.max(...boxes.map(box => box.length))
  const empty = `${down}${' '.repeat(boxWidth - 2)}${down}`
  const bottom = bottomLeft + across.repeat(boxWidth - 2) + bottomRight
  const complete = boxes.map(box => [...box, ...Array<string>(height - box.length).fill(empty), bottom])
  return complete[0]!.map((_, at) =>
    complete
      .map(box => box[at]!)
      .join(' '.repeat(gap))
      .trimEnd(),
  )
}

function problemLines({clusters, links, problems}: Graph, {marks}: Symbols): StyledLine[] {
  const broken = links
    .filter(({state}) => !isFine(state))
    .map(({holder, target, state, text, check}) => ({
      state,
      text: `${holder} reads ${target}: ${withCheck(text, check)}`,
    }))
  const found = clusters.flatMap(({name, problems: own}) =>
    own.map(({state, check, message}) => ({state, text: `${name}: ${withCheck(message, check)}`})),
  )
  const shared = problems.map(({state, check, message}) => ({state, text: withCheck(message, check)}))
  return [...shared, ...found, ...broken].map(({state, text}) => ({
    text: escapeLine(`${marks[state]} ${text}`),
    ...(state === 'broken' ? {style: 'red' as const} : {}),
  }))
}

function exportLines(graph: Graph, {arrow}: Symbols): StyledLine[] {
  return serviceGroups(graph).flatMap(({services, exporters, importers}) =>
    services.map(service => ({
      text: escapeLine(`${service}  ${exporters.join(', ')} ${arrow} ${importers.join(', ')}`),
    })),
  )
}

function summaryOf({mode, time, clusters, exports}: Graph, {dot}: Symbols): string {
  const end = ` ${dot} `
  if (time === null) {
    const resources = clusters.flatMap(cluster => cluster.resources)
    const documents = new Set(resources.map(({kind, name}) => `${kind}/${name}`)).size
    return [
      'mesh files',
      ...(mode === null ? [] : [mode]),
      count(clusters.length, 'cluster'),
      count(documents, 'resource'),
    ].join(end)
  }
  const sum = (of: (cluster: GraphCluster) => readonly unknown[]) =>
    clusters.reduce((total, cluster) => total + of(cluster).length, 0)
  const parts = [
    mode,
    count(clusters.length, 'cluster'),
    count(exports.length, 'export'),
    count(
      sum(({tenants}) => tenants),
      'tenant',
    ),
    count(
      sum(({vms}) => vms),
      'VM',
    ),
  ]
  return parts.join(end)
}

function pairsOf<T>(all: readonly T[]): T[][] {
  return Array.from({length: Math.ceil(all.length / 2)}, (_, at) => all.slice(at * 2, at * 2 + 2))
}

function cut(text: string, most: number, {more}: Symbols): string {
  const characters = [...escapeLine(text)]
  return characters.length <= most ? characters.join('') : characters.slice(0, most - more.length).join('') + more
}

function pad(text: string, to: number): string {
  return text + ' '.repeat(Math.max(0, to - length(text)))
}

function length(text: string): number {
  return [...text].length
}

/** A copy whose texts have only ASCII characters. */
function asciiGraph(graph: Graph): Graph {
  return JSON.parse(JSON.stringify(graph), (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('…', '...').replace(/[^ -~]/gu, '?') : value,
  )
}
