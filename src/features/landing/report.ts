import type {Kubeconfig} from '../../engine/kubeconfig/kubeconfig.ts'
import type {ReadContext} from '../../mesh/contexts/read.ts'
import {hiddenContextLines, shownContext} from '../../mesh/contexts/report-hidden.ts'
import type {StyledLine} from '../../terminal/output/styled.ts'
import {someOf} from '../../text/count.ts'
import {padTo, widthOf, wrapWords} from '../../text/width.ts'
import type {ClusterState} from './read.ts'

type Row = ReadContext<ClusterState>

const heads = ['CONTEXT', 'ISTIO', 'MESH', 'CLUSTERS IN IT'] as const

/** A longer name of a context is truncated, so that the other columns stay visible. */
const widestContext = 32

/**
 * Formats the contexts and what runs in each.
 *
 * @param columns width of the terminal
 */
export function formatContexts(
  rows: readonly Row[],
  kubeconfig: Pick<Kubeconfig, 'contexts'>,
  columns: number,
): StyledLine[] {
  if (rows.length === 0) return [{text: 'No contexts found. Set --kubeconfig or the environment variable KUBECONFIG.'}]
  const cells = rows.map(row => [truncated(nameOf(row), Math.min(widestContext, columns / 2)), ...stateOf(row)])
  const complete = cells.filter(row => row.length === heads.length)
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...(column === 0 ? cells : complete).map(row => widthOf(row[column]!))),
  )
  const lineOf = (row: readonly string[]) =>
    truncated(
      row
        .map((cell, column) => padTo(cell, widths[column]!))
        .join('   ')
        .trimEnd(),
      columns,
    )
  const linesOf = (row: readonly string[]): StyledLine[] => {
    if (row.length === heads.length) return [{text: lineOf(row)}]
    const reason = wrapWords(row[1]!, columns - widths[0]! - 3)
    return reason.map((text, at) => ({text: lineOf([at === 0 ? row[0]! : '', text]), style: 'red'}))
  }
  const contexts = rows.flatMap(({info, others}) => [info.context, ...others])
  const hidden = hiddenContextLines(contexts, kubeconfig).map(text => ({text}))
  return [
    {text: lineOf(heads), style: 'bold'},
    ...cells.flatMap(linesOf),
    ...(hidden.length > 0 ? [{text: ''}, ...hidden] : []),
  ]
}

function nameOf({info, others}: Row): string {
  return [info.context, ...others].map(shownContext).join(', ')
}

/** Three cells, or one with the reason why the cluster was not read. */
function stateOf({state, problem}: Row): string[] {
  if (!state) return [problem!]
  const {versions, primary, meshId, members} = state
  const istio = versions.length > 0 ? versions.join(', ') : primary === undefined ? '-' : `of ${primary}`
  const inMesh = members === undefined ? 'not permitted to read' : members.length > 0 ? someOf(members, 5) : '-'
  return [istio, meshId ?? '-', inMesh]
}

function truncated(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let shown = ''
  for (const character of text) {
    if (widthOf(shown + character) > width - 1) break
    shown += character
  }
  return `${shown}…`
}
