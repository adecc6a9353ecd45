import {escapeMarkup, shorten} from '../../../terminal/picture/escape.ts'
import {pictureColors} from '../../../terminal/picture/theme.ts'
import {formatLocality} from '../istio.ts'
import {failoverOf, type Share, sharesOf} from './report-shares.ts'
import type {LocalityRow, LocalityStatusData, ServedFrom} from './report-types.ts'

/** Sizes in pixels. */
const sizes = {width: 760, left: 16, bar: 240, barWidth: 504, barHeight: 18, row: 52, head: 56, character: 7.3}

/** Fills that differ in lightness too, for readers who do not see colors. */
const fills = ['#0969da', '#bf8700', '#1a7f37', '#8250df', '#cf222e', '#6e7781']

const style = `${pictureColors}.picture text { font: 12px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: var(--text); white-space: pre; }
.picture .back { fill: var(--back); }
.picture .title { font-weight: bold; }
.picture .soft { fill: var(--soft); }
.picture .broken { fill: var(--broken); }
.picture .track { fill: var(--box); stroke: var(--line); }
${fills.map((fill, at) => `.picture .to${at} { fill: ${fill}; }`).join('\n')}
`

/**
 * Formats the status as one SVG file with the colors of the viewer's light or dark theme. With a host: a bar for the clients
 * of each locality, whose parts are the localities that serve them. Without one: a bar for the endpoints of each locality.
 */
export function formatLocalitySvg({localities, host}: LocalityStatusData): string {
  return host ? servedPicture(host) : endpointsPicture(localities)
}

function servedPicture({host, source, from}: NonNullable<LocalityStatusData['host']>): string {
  const targets = [...new Set(from.flatMap(({served}) => sharesOf(served).map(({to}) => to)))]
  const rows = from.map((row, at) => servedRow(row, sizes.head + at * sizes.row, targets))
  return picture(`Requests to ${host}`, `by the locality of the client (${source})`, rows)
}

function servedRow({from, served}: ServedFrom, y: number, targets: readonly string[]): string {
  const shares = sharesOf(served)
  const label = text(sizes.left, y + 13, '', formatLocality(from), sizes.bar - sizes.left)
  if (shares.length === 0) return `${label}${text(sizes.bar, y + 13, 'broken', 'no endpoint')}`
  const failover = failoverOf(served)
  const words = shares.map(({to, part}) => `${Math.round(part * 100)}% ${to}`).join(', ')
  const below = failover.length === 0 ? words : `${words}; then ${failover.join(', ')}`
  return `${label}${track(y)}${parts(shares, y, targets)}${text(sizes.bar, y + 32, 'soft', below, sizes.barWidth)}`
}

function parts(shares: readonly Share[], y: number, targets: readonly string[]): string {
  let x = sizes.bar
  return shares
    .map(({to, part}) => {
      const width = round(part * sizes.barWidth)
      const fill = targets.indexOf(to) % fills.length
      const element = `<rect class="to${fill}" x="${round(x)}" y="${y}" width="${width}" height="${sizes.barHeight}"><title>${escapeMarkup(`${Math.round(part * 100)}% ${to}`)}</title></rect>`
      x += width
      return element
    })
    .join('')
}

function endpointsPicture(localities: readonly LocalityRow[]): string {
  const largest = Math.max(1, ...localities.map(({endpoints}) => endpoints))
  const rows = localities.map(({locality, nodes, endpoints}, at) => {
    const y = sizes.head + at * sizes.row
    const width = round((endpoints / largest) * sizes.barWidth)
    const bar = `<rect class="to0" x="${sizes.bar}" y="${y}" width="${width}" height="${sizes.barHeight}"/>`
    return [
      text(sizes.left, y + 13, '', formatLocality(locality), sizes.bar - sizes.left),
      track(y),
      bar,
      text(sizes.bar, y + 32, 'soft', `${endpoints} endpoints, ${nodes} nodes`),
    ].join('')
  })
  return picture('Endpoints', 'by locality', rows)
}

function picture(title: string, subtitle: string, rows: readonly string[]): string {
  const {width, head, row} = sizes
  const height = head + Math.max(1, rows.length) * row
  const shown = rows.length === 0 ? [text(sizes.left, head + 13, 'soft', 'no node or endpoint has a locality')] : rows
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" aria-label="${escapeMarkup(title)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>${style}</style>`,
    `<rect class="back" width="${width}" height="${height}"/>`,
    text(sizes.left, 20, 'title', title, width - 2 * sizes.left),
    text(sizes.left, 36, 'soft', subtitle, width - 2 * sizes.left),
    ...shown,
    '</svg>',
    '',
  ].join('\n')
}

function track(y: number): string {
  return `<rect class="track" x="${sizes.bar}" y="${y}" width="${sizes.barWidth}" height="${sizes.barHeight}"/>`
}

function text(x: number, y: number, name: string, value: string, width: number = sizes.barWidth): string {
  const shown = shorten(value, Math.floor(width / sizes.character))
  return `<text${name === '' ? '' : ` class="${name}"`} x="${x}" y="${y}">${escapeMarkup(shown)}</text>`
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10
}
