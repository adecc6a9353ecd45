import {parseSources, readClusters} from '../../engine/cluster-sources/read-clusters.ts'
import type {ReadSource} from '../../engine/cluster-sources/read-source.ts'
import type {ClusterSelection} from '../../engine/cluster-sources/source.ts'
import {refusedError} from '../../errors.ts'
import {shellWord} from '../../text/shell-word.ts'
import {connect, type Run} from '../run.ts'

/**
 * Reads sources in addition to those of `--clusters-from`.
 *
 * @returns the run that has their clusters as contexts too, and a function that returns the contexts of a selection
 * @throws MeshError as `readClusters`; that function throws MeshError (exit 3) for a selection without a cluster
 */
export async function withSources(
  texts: readonly string[],
  run: Run,
): Promise<{run: Run; contextsOf: (selection: ClusterSelection) => string[]}> {
  const {access, connection = ''} = run
  const {kubeconfig, read} = await readClusters(parseSources(texts), {
    kubeconfig: access.kubeconfig,
    accessProviders: access.accessProviders,
    warn: access.warn,
    connect: context => connect(access, context),
  })
  const known = access.sources ?? []
  const added = texts.filter(text => !known.includes(text))
  const more = added.map(text => ` --clusters-from ${shellWord(text)}`).join('')
  return {
    run: {
      ...run,
      access: {...access, kubeconfig, sources: [...known, ...added]},
      command: `${run.command}${more}`,
      connection: `${connection}${more}`.trim(),
    },
    contextsOf: selection => selected(selection, read),
  }
}

function selected({from, matchLabels}: ClusterSelection, read: readonly ReadSource[]): string[] {
  const all = read.find(({source}) => source.text === from)?.clusters ?? []
  const wanted = Object.entries(matchLabels)
  const found = all.filter(({labels}) => wanted.every(([key, value]) => labels[key] === value))
  if (found.length > 0) return found.map(({name}) => name)
  throw refusedError(
    `${from}: none of its ${all.length} clusters has the labels ${wanted.map(pair => pair.join('=')).join(', ')}`,
    'correct matchLabels of spec.clusters, or label the objects of the clusters',
  )
}
