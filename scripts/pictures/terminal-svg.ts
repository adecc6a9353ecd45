import xterm from '@xterm/headless'

/** Size of a cell of the picture, in CSS pixels. */
const cell = {width: 8.4, height: 18}
const margin = 16

/** The 16 colors of a terminal as classes, so that the picture has the viewer's light or dark theme. */
const colors = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']

const style = `
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1f2328;white-space:pre}
rect{fill:#f6f8fa;stroke:#d1d9e0}
.b{font-weight:600}.d{opacity:.65}.red{fill:#cf222e}.green{fill:#116329}.yellow{fill:#7d4e00}.blue{fill:#0550ae}.magenta{fill:#8250df}.cyan{fill:#1b7c83}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}rect{fill:#0d1117;stroke:#3d444d}
.red{fill:#ff7b72}.green{fill:#7ee787}.yellow{fill:#e3b341}.blue{fill:#79c0ff}.magenta{fill:#d2a8ff}.cyan{fill:#76e3ea}
}`.trim()

/**
 * Draws what a terminal shows after it has received these bytes, including the lines that have scrolled off.
 *
 * @param bytes output of programs, with control sequences
 * @param columns width of the terminal
 * @param title read by screen readers
 */
export async function terminalSvg(bytes: string, columns: number, title: string): Promise<string> {
  const terminal = new xterm.Terminal({
    rows: 24,
    cols: columns,
    scrollback: 10_000,
    allowProposedApi: true,
    convertEol: true,
  })
  await new Promise<void>(done => terminal.write(bytes, done))
  const {active} = terminal.buffer
  const lines = Array.from({length: active.length}, (_, at) => runsOf(active.getLine(at)!, columns))
  while (lines.at(-1)?.length === 0) lines.pop()
  const width = Math.ceil(columns * cell.width + 2 * margin)
  const height = lines.length * cell.height + 2 * margin
  const rows = lines.map((runs, at) => row(runs, margin + (at + 0.75) * cell.height)).filter(text => text !== '')
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}">`,
    `<style>${style}</style>`,
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...rows,
    '</svg>\n',
  ].join('\n')
}

/** Adjacent cells with the same look. */
interface Run {
  column: number
  text: string
  classes: string
}

type Line = NonNullable<ReturnType<xterm.Terminal['buffer']['active']['getLine']>>

function runsOf(line: Line, columns: number): Run[] {
  const runs: Run[] = []
  for (let column = 0; column < columns; column++) {
    const found = line.getCell(column)
    if (!found || found.getWidth() === 0) continue
    const text = found.getChars() || ' '
    const classes = classesOf(found)
    const last = runs.at(-1)
    if (last?.classes === classes) last.text += text
    else runs.push({column, text, classes})
  }
  return runs.map(run => ({...run, text: run.text.trimEnd()})).filter(({text}) => text !== '')
}

function classesOf(found: NonNullable<ReturnType<Line['getCell']>>): string {
  const color = found.isFgPalette() ? colors[found.getFgColor() % 8] : undefined
  return [found.isBold() && 'b', found.isDim() && 'd', color !== 'black' && color !== 'white' && color]
    .filter(Boolean)
    .join(' ')
}

/** Each run has its position, so that a font with other widths does not shift the columns. */
function row(runs: readonly Run[], y: number): string {
  return runs
    .map(({column, text, classes}) => {
      const x = (margin + column * cell.width).toFixed(1)
      const length = ([...text].length * cell.width).toFixed(1)
      const attributes = classes ? ` class="${classes}"` : ''
      return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${attributes}>${escapeXml(text)}</text>`
    })
    .join('')
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
