import {minorText, supportedIstio} from '../src/istio/versions.ts'
import {layers} from './layers.ts'

/** A page that is written by hand, with a generated table between two marks. */
export interface PageTable {
  page: string
  begin: string
  end: string
  table: () => string
}

/** All generated tables in pages that are written by hand. */
export const pageTables: readonly PageTable[] = [
  {
    page: 'docs/design.md',
    begin: '<!-- layers: generated from scripts/layers.ts -->',
    end: '<!-- /layers -->',
    table: layersTable,
  },
  {
    page: 'docs/compatibility.md',
    begin: '<!-- versions: generated from src/istio/versions.ts -->',
    end: '<!-- /versions -->',
    table: versionsTable,
  },
]

/**
 * Puts the current table into the text of its page.
 *
 * @throws Error if the page lacks the marks
 */
export function withTable({page, begin, end, table}: PageTable, text: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${page}: the marks ${begin} … ${end} are missing`)
  return `${text.slice(0, from)}${begin}\n\n${table()}\n\n${text.slice(to)}`
}

/** The layers as a table, highest layer first: what lint enforces. */
function layersTable(): string {
  const rows = layers
    .toReversed()
    .map(({name, holds, mayImport}) => `| \`${name}\` | ${holds} | ${mayImport.join(', ') || 'nothing'} |`)
  return ['| part of `src/` | what it holds | may import |', '|---|---|---|', ...rows].join('\n')
}

/** The supported versions as a table, oldest version first: what the preflight checks. */
function versionsTable(): string {
  const rows = supportedIstio.map(({istio, kubernetes: [oldest, newest]}) => {
    const range = newest === undefined ? `${minorText(oldest)} and newer` : `${minorText(oldest)}–${minorText(newest)}`
    return `| ${minorText(istio)} | ${range} |`
  })
  return ['| Istio | Kubernetes |', '|---|---|', ...rows].join('\n')
}
