import {escapeMarkup} from '../../terminal/picture/escape.ts'
import {htmlPage} from '../../terminal/picture/page.ts'
import {count} from '../../text/count.ts'
import {pageScript} from './html/script.ts'
import {pageStyle, pictureStyle} from './html/style.ts'
import type {LaidOut} from './layout.ts'
import type {Drawing, DrawnNode} from './report-drawing.ts'
import {serviceGroups} from './report-edges.ts'
import {everyRowOf, type Row, withCheck} from './report-rows.ts'
import {svgContent} from './report-svg.ts'
import type {Graph} from './report-types.ts'

/** Formats a graph as one HTML page with pan, zoom, filter and details. It sends no request. */
export function formatHtml(graph: Graph, drawing: Drawing, picture: LaidOut): string {
  const {width, height} = picture
  const title = `Mesh of ${count(graph.clusters.length, 'cluster')}`
  const body = `<header>
<h1>${title}</h1>
<span>${escapeMarkup([graph.mode, graph.time ?? 'from mesh files'].filter(text => text !== null).join(', '))}</span>
<label>Filter <input id="filter" type="search" autocomplete="off"/></label>
<output id="count" for="filter"></output>
<span><button id="in" type="button" aria-label="Zoom in">+</button> <button id="out" type="button" aria-label="Zoom out">-</button> <button id="fit" type="button">Fit</button></span>
</header>
${problemList(graph)}<main>
<svg xmlns="http://www.w3.org/2000/svg" id="picture" class="picture" viewBox="0 0 ${width} ${height}">
${svgContent(picture)}
</svg>
<aside id="details" hidden="hidden" aria-live="polite">
<button id="close" type="button">Close</button>
${drawing.nodes.map((node, at) => section(node, at, graph)).join('\n')}
</aside>
</main>`
  return htmlPage({title, style: pageStyle + pictureStyle, script: pageScript, body})
}

/** What concerns no single cluster. */
function problemList({problems}: Graph): string {
  if (problems.length === 0) return ''
  const items = problems.map(({state, check, message}) => item(state, '', withCheck(message, check)))
  return `<ul id="problems">${items.join('')}</ul>\n`
}

/** The details of a node. The nodes of clusters come first, in the order of the graph. */
function section(node: DrawnNode, at: number, graph: Graph): string {
  const {id, kind, title, subtitle} = node
  const cluster = kind === 'cluster' ? graph.clusters[at] : undefined
  const rows = cluster ? [...everyRowOf(cluster), ...linkRows(cluster.name, graph)] : serviceRows(node, graph)
  const facts = cluster
    ? [item('ok', 'context', cluster.context ?? 'the current one'), item('ok', 'network', cluster.network ?? '-')]
    : []
  const items = [...facts, ...rows.map(({state, label, value}) => item(state, label, value))]
  const head = [title, subtitle].filter(text => text !== '').join('  ')
  return `<section data-node="${id}" hidden="hidden"><h2>${escapeMarkup(head)}</h2><ul>${items.join('')}</ul></section>`
}

function linkRows(name: string, {links}: Graph): Pick<Row, 'label' | 'value' | 'state'>[] {
  return links
    .filter(({holder, target}) => holder === name || target === name)
    .map(({holder, target, state, text, check}) => ({
      ...(holder === name ? {label: 'reads', value: target} : {label: 'read by', value: holder}),
      state,
      ...{text: withCheck(text, check)},
    }))
    .map(({label, value, text, state}) => ({label, value: text === '' ? value : `${value}: ${text}`, state}))
}

/** All services of a box, with their exporters and importers. */
function serviceRows({kind, title, rows}: DrawnNode, graph: Graph): Pick<Row, 'label' | 'value' | 'state'>[] {
  if (kind !== 'services') return [...rows]
  const {services, exporters, importers} = serviceGroups(graph).find(group => group.services[0] === title)!
  const row = (label: string, value: string) => ({label, value, state: 'ok' as const})
  return [
    row('exported by', exporters.join(', ')),
    row('imported by', importers.join(', ')),
    ...services.map(service => row('service', service)),
  ]
}

function item(state: string, label: string, value: string): string {
  return `<li class="${state}">${label === '' ? '' : `<b>${escapeMarkup(label)}</b> `}${escapeMarkup(value)}</li>`
}
