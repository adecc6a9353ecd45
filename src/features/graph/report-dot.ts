import {shorten} from '../../terminal/picture/escape.ts'
import type {Drawing, DrawnNode} from './report-drawing.ts'
import type {DrawnEdge} from './report-edges.ts'
import {escapeDot} from './report-escape.ts'

/** Longer rows are shortened. */
const mostCharacters = 60

const colors = {ok: '#57606a', planned: '#57606a', warning: '#bf8700', broken: '#d1242f'}

/** Formats a drawing in the language of Graphviz: `… | dot -Tpdf`. */
export function formatDot({nodes, edges, networks}: Drawing): string {
  const shown = networks.filter(network => network !== '')
  const inside = shown.flatMap((network, at) => [
    `  subgraph cluster_n${at} {`,
    `    label="${escapeDot(network)}"`,
    '    style="rounded,dashed"',
    ...nodes.filter(node => node.network === network).map(node => `    ${nodeLine(node)}`),
    '  }',
  ])
  return [
    'digraph mesh {',
    '  rankdir=LR',
    '  node [shape=box, style=rounded, fontname="monospace", fontsize=11]',
    '  edge [fontname="monospace", fontsize=10]',
    ...inside,
    ...nodes.filter(({network}) => network === '').map(node => `  ${nodeLine(node)}`),
    ...edges.map(edge => `  ${edgeLine(edge)}`),
    '}',
    '',
  ].join('\n')
}

function nodeLine({id, kind, title, subtitle, rows, state}: DrawnNode): string {
  const head = [title, subtitle].filter(text => text !== '').join('  ')
  const lines = [head, ...rows.map(({label, value}) => `${label.padEnd(9)}${value}`.trim())]
  // `\l` ends a line and aligns it to the left.
  const text = lines.map(line => `${escapeDot(shorten(line, mostCharacters))}\\l`).join('')
  return `${id} [label="${text}", color="${colors[state]}"${kind === 'services' ? ', shape=ellipse' : ''}]`
}

function edgeLine({from, to, kind, both, state, label}: DrawnEdge): string {
  const text = escapeDot(shorten(label, mostCharacters))
  const look = `${both ? ', dir=both' : ''}${kind === 'reads' ? '' : ', style=dashed'}`
  return `${from} -> ${to} [label="${text}", color="${colors[state]}", fontcolor="${colors[state]}"${look}]`
}
