/** Writes or checks the table of layers in `docs/design.md`, so that the page cannot drift from what lint enforces. */
import {layers} from './layers.ts'

const begin = '<!-- layers: generated from scripts/layers.ts -->'
const end = '<!-- /layers -->'

/** The table as Markdown, highest layer first. */
export function layersTable(): string {
  const rows = layers
    .toReversed()
    .map(({name, holds, mayImport}) => `| \`${name}\` | ${holds} | ${mayImport.join(', ') || 'nothing'} |`)
  return ['| part of `src/` | what it holds | may import |', '|---|---|---|', ...rows].join('\n')
}

/**
 * Puts the current table into a page.
 *
 * @throws Error if the page lacks the marks
 */
export function withLayersTable(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/design.md: the marks ${begin} … ${end} are missing`)
  return `${page.slice(0, from)}${begin}\n${layersTable()}\n${page.slice(to)}`
}
