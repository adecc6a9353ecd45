import {type ExitCode, exitCodes} from '../../errors.ts'
import type {MeshDocument} from '../../spec/documents/document.ts'
import {hasUtf8} from '../../terminal/output/ascii.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {dumpYaml} from '../../text/yaml.ts'
import type {GraphReaders} from './facts.ts'
import {readGraph} from './read.ts'
import {graphOfDocuments} from './report-documents.ts'
import {formatDot} from './report-dot.ts'
import {drawingOf} from './report-drawing.ts'
import {formatMermaid} from './report-mermaid.ts'
import {graphOf} from './report-model.ts'
import {formatText} from './report-text.ts'
import type {Graph} from './report-types.ts'
import type {GraphFormat} from './spec.ts'

/** How a graph is printed. */
export interface GraphOutput {
  terminal: Terminal
  output: GraphFormat | undefined
  env: Record<string, string | undefined>
}

/** Everything that `mesh graph` needs from outside. */
export interface GraphRun extends GraphOutput {
  readers: GraphReaders
  systemNamespace: string
}

/**
 * Prints a picture of a mesh. Only reads.
 *
 * @returns 5 if a cluster could not be read
 * @throws MeshError (exit 2) for invalid input
 */
export async function drawGraph({terminal, readers, systemNamespace, output, env}: GraphRun): Promise<ExitCode> {
  const facts = await readGraph(readers, systemNamespace)
  await printGraph(graphOf(facts), {terminal, output, env})
  return facts.report.rows.some(({error}) => error !== undefined) ? exitCodes.check : exitCodes.ok
}

/** Prints a picture of what mesh files describe. Needs no cluster. */
export async function drawDocuments(documents: readonly MeshDocument[], run: GraphOutput): Promise<void> {
  await printGraph(graphOfDocuments(documents), run)
}

async function printGraph(graph: Graph, {terminal, output = 'text', env}: GraphOutput): Promise<void> {
  terminal.print(output === 'text' ? formatText(graph, !hasUtf8(env)) : await formatGraph(graph, output))
}

/** Formats a graph in any format but text. */
export async function formatGraph(graph: Graph, format: Exclude<GraphFormat, 'text'>): Promise<string> {
  if (format === 'json') return `${JSON.stringify(graph, null, 2)}\n`
  if (format === 'yaml') return dumpYaml(graph)
  const drawing = drawingOf(graph)
  if (format === 'mermaid') return formatMermaid(drawing)
  if (format === 'dot') return formatDot(drawing)
  const [{layOut}, {formatSvg}, {formatHtml}] = await Promise.all([
    import('./layout.ts'),
    import('./report-svg.ts'),
    import('./report-html.ts'),
  ])
  const picture = await layOut(drawing)
  return format === 'svg' ? formatSvg(picture) : formatHtml(graph, drawing, picture)
}
