import {type ReadContext, readContexts} from '../../mesh/contexts/read.ts'
import {type Access, connect} from '../../run/run.ts'
import {startProgress} from '../../terminal/output/progress.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {startingPoints} from '../../terminal/starting-points.ts'
import {padTo} from '../../text/width.ts'
import {type ClusterState, readClusterState} from './read.ts'
import {formatContexts} from './report.ts'

/**
 * Shows the contexts and what runs in each, and asks where to begin.
 *
 * @returns the words of the command to run, joined by `:`; '' for the help; undefined if the user leaves
 */
export async function showLanding(access: Access, terminal: Terminal): Promise<string | undefined> {
  const {columns = 80} = terminal.stderr as {columns?: number}
  const rows = await readRows(access, terminal)
  terminal.message([...formatContexts(rows, access.kubeconfig, columns || 80), ''])
  const {askChoice} = await import('../../terminal/prompts.ts')
  const points = [...startingPoints, {about: 'All commands', id: ''}]
  const width = Math.max(...points.map(({about}) => about.length))
  const choices = points.map(({about, id}) => ({
    name: `${padTo(about, width)}   kubectl mesh ${id === '' ? '--help' : id.replaceAll(':', ' ')}`,
    value: id,
  }))
  try {
    return await askChoice(terminal, 'Where to begin?', choices)
  } catch (error) {
    // Ctrl-C: nothing was begun, so nothing was interrupted.
    if (error instanceof Error && error.name === 'ExitPromptError') return undefined
    throw error
  }
}

async function readRows(access: Access, terminal: Terminal): Promise<ReadContext<ClusterState>[]> {
  const progress = await startProgress(terminal, 'reading the clusters of your kubeconfig')
  try {
    return await readContexts(
      {
        kubeconfig: access.kubeconfig,
        connect: (context, requestTimeout) => connect({...access, requestTimeout}, context),
      },
      readClusterState,
    )
  } finally {
    progress.done()
  }
}
