import {escapeMarkup, shorten} from '../../terminal/picture/escape.ts'
import {pictureStyle} from './html/style.ts'
import {type LaidOut, type Point, sizes} from './layout.ts'
import type {Row} from './report-rows.ts'
import type {GraphState} from './report-types.ts'

/** Radius of the corners of arrows, in pixels. */
const cornerRadius = 16

/** Formats a picture as one SVG file, with the colors of the viewer's light or dark theme. */
export function formatSvg(picture: LaidOut): string {
  const {width, height} = picture
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" aria-label="mesh" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>${pictureStyle}</style>`,
    svgContent(picture),
    '</svg>',
    '',
  ].join('\n')
}

/** Returns what is inside the `svg` element, without the style. */
export function svgContent({width, height, networks, nodes, edges}: LaidOut): string {
  return [
    `<defs>${(['ok', 'warning', 'broken'] as const).map(marker).join('')}</defs>`,
    `<rect class="back" width="${width}" height="${height}"/>`,
    ...networks.map(
      ({name, x, y, width: w, height: h}) =>
        `<g class="network"><rect x="${x}" y="${y}" width="${w}" height="${h}" rx="10"/><text x="${x + 8}" y="${y + 16}">${line(name, w)}</text></g>`,
    ),
    ...edges.map(edgeElement),
    ...nodes.map(nodeElement),
  ].join('\n')
}

function marker(state: GraphState): string {
  return `<marker id="arrow-${state}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z"/></marker>`
}

function nodeElement({node, x, y, width, height}: LaidOut['nodes'][number]): string {
  const {id, kind, state, title, subtitle, rows} = node
  const {padding, title: titleHeight, line: lineHeight} = sizes
  const left = x + padding
  const top = y + padding + 12
  const radius = kind === 'services' ? 20 : 6
  const head = [title, subtitle].filter(text => text !== '').join('  ')
  return [
    `<g class="node ${kind} ${state}" data-node="${id}" tabindex="0" role="button" aria-label="${escapeMarkup(head)}">`,
    `<title>${escapeMarkup(head)}</title>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`,
    `<text class="title" x="${left}" y="${top}">${line(head, width - 2 * padding)}</text>`,
    ...rows.map((row, at) => rowElement(row, left, top + titleHeight + at * lineHeight, width - 2 * padding)),
    '</g>',
  ].join('')
}

function rowElement({label, value, state}: Row, x: number, y: number, width: number): string {
  const {character, labelCharacters} = sizes
  const indent = label === '' ? 0 : labelCharacters * character
  const labelText = label === '' ? '' : `<text class="label" x="${x}" y="${y}">${escapeMarkup(label)}</text>`
  return `${labelText}<text class="${state}" x="${x + indent}" y="${y}">${line(value, width - indent)}</text>`
}

function edgeElement({edge, points, label}: LaidOut['edges'][number]): string {
  const {from, to, kind, state, both, label: text} = edge
  const arrow = `arrow-${state === 'planned' ? 'ok' : state}`
  const start = both ? ` marker-start="url(#${arrow})"` : ''
  return [
    `<g class="edge ${kind} ${state}" data-from="${from}" data-to="${to}">`,
    `<path d="${pathOf(points)}" marker-end="url(#${arrow})"${start}/>`,
    ...(text === '' ? [] : [labelElement(text, label)]),
    '</g>',
  ].join('')
}

function labelElement(text: string, {x, y}: Point): string {
  const shown = shorten(text, sizes.mostCharacters)
  const width = [...shown].length * sizes.character
  return `<rect x="${x - width / 2}" y="${y - 9}" width="${width}" height="18"/><text x="${x}" y="${y + 4}" text-anchor="middle">${escapeMarkup(shown)}</text>`
}

/** Straight lines with rounded corners, so that labels stay on them. */
function pathOf(points: readonly Point[]): string {
  const parts = points.map((point, at) => {
    const [before, after] = [points[at - 1], points[at + 1]]
    if (!before) return `M${point.x} ${point.y}`
    if (!after) return `L${point.x} ${point.y}`
    const [start, end] = [towards(point, before), towards(point, after)]
    return `L${start.x} ${start.y}Q${point.x} ${point.y} ${end.x} ${end.y}`
  })
  return parts.join('')
}

/** The point on the way to another one at which a corner begins. */
function towards(from: Point, to: Point): Point {
  const distance = Math.hypot(to.x - from.x, to.y - from.y)
  const part = distance === 0 ? 0 : Math.min(cornerRadius / distance, 1 / 2)
  const at = (start: number, end: number) => Math.round((start + (end - start) * part) * 10) / 10
  return {x: at(from.x, to.x), y: at(from.y, to.y)}
}

/** A text that fits into a width in pixels. */
function line(text: string, width: number): string {
  return escapeMarkup(shorten(text, Math.max(1, Math.round(width / sizes.character))))
}
