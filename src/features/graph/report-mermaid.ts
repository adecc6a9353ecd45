import {shorten} from '../../terminal/picture/escape.ts'
import type {Drawing, DrawnNode} from './report-drawing.ts'
import type {DrawnEdge} from './report-edges.ts'
import {escapeMermaid} from './report-escape.ts'
import {isFine} from './report-rows.ts'

/** Longer rows are shortened. */
const mostCharacters = 60

/** Formats a drawing as a flowchart of Mermaid, which GitHub and GitLab show in Markdown. */
export function formatMermaid({nodes, edges, networks}: Drawing): string {
  const shown = networks.filter(network => network !== '')
  const inside = shown.flatMap((network, at) => [
    `  subgraph n${at}["${escapeMermaid(network)}"]`,
    ...nodes.filter(node => node.network === network).map(node => `    ${nodeLine(node)}`),
    '  end',
  ])
  const outside = nodes.filter(({network}) => network === '').map(node => `  ${nodeLine(node)}`)
  return [
    'flowchart LR',
    ...inside,
    ...outside,
    ...edges.map(edge => `  ${edgeLine(edge)}`),
    '  classDef warning stroke:#bf8700,stroke-width:2px',
    '  classDef broken stroke:#d1242f,stroke-width:3px',
    ...(['warning', 'broken'] as const).flatMap(state => classLine(nodes, state)),
    ...edges.flatMap(({state}, at) =>
      isFine(state) ? [] : [`  linkStyle ${at} stroke:${state === 'broken' ? '#d1242f' : '#bf8700'}`],
    ),
    '',
  ].join('\n')
}

function nodeLine({id, kind, title, subtitle, rows}: DrawnNode): string {
  const head = [title, subtitle].filter(text => text !== '').join(' ')
  const lines = [head, ...rows.map(({label, value}) => `${label} ${value}`.trim())]
  const text = lines.map(line => escapeMermaid(shorten(line, mostCharacters))).join('<br/>')
  return kind === 'services' ? `${id}(["${text}"])` : `${id}["${text}"]`
}

function edgeLine({from, to, kind, both, label}: DrawnEdge): string {
  const isSolid = kind === 'reads'
  const arrow = isSolid ? (both ? '<-->' : '-->') : '-.->'
  return `${from} ${arrow}${label === '' ? '' : `|"${escapeMermaid(shorten(label, mostCharacters))}"|`} ${to}`
}

function classLine(nodes: readonly DrawnNode[], state: 'warning' | 'broken'): string[] {
  const ids = nodes.filter(node => node.state === state).map(({id}) => id)
  return ids.length === 0 ? [] : [`  class ${ids.join(',')} ${state}`]
}
