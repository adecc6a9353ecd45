import {connectCluster} from '../engine/cluster/connect.ts'
import {parseSources, readClusters, type SourcedClusters} from '../engine/cluster-sources/read-clusters.ts'
import {loadKubeconfig} from '../engine/kubeconfig/kubeconfig.ts'
import {usageError} from '../errors.ts'
import {writeMessage} from './output/terminal.ts'

/** The flags that decide which sources are read, and how. */
export interface SourceFlags {
  'clusters-from'?: string[] | undefined
  'access-providers'?: string | undefined
  kubeconfig?: string | undefined
  as?: string | undefined
  'as-group'?: string[] | undefined
  'request-timeout'?: number | undefined
  'dry-run'?: string
  contexts?: string[] | undefined
  filename?: unknown
  v?: number
}

/**
 * Reads the sources of `--clusters-from`. Returns what the flags of the command are completed with: the clusters, and if neither
 * `--contexts` nor a file names clusters, all of them as `contexts`.
 *
 * @param defined the flags that the command has. A command that removes acts only on clusters that the user names.
 * @throws MeshError as `parseSources` and `readClusters`; (exit 2) with a client dry run
 */
export async function sourcedFlags(
  flags: SourceFlags,
  defined: object,
): Promise<{sources: SourcedClusters; contexts?: string[]}> {
  const sources = parseSources(flags['clusters-from'] ?? [])
  if (flags['dry-run'] === 'client')
    throw usageError(
      '--clusters-from conflicts with --dry-run=client, which connects to no cluster',
      'use --dry-run=server, or name the clusters with --contexts',
    )
  const kubeconfig = loadKubeconfig({kubeconfig: flags.kubeconfig, env: process.env})
  const warn = (warning: string) => writeMessage(`warning: ${warning}`)
  const all = await readClusters(sources, {
    kubeconfig,
    accessProviders: flags['access-providers'],
    warn,
    connect: context =>
      connectCluster(kubeconfig, context, {
        ...(flags.as === undefined ? {} : {as: flags.as}),
        asGroups: flags['as-group'] ?? [],
        ...(flags['request-timeout'] === undefined ? {} : {requestTimeout: flags['request-timeout']}),
        fieldManager: 'kubectl-mesh',
        ...((flags.v ?? 0) >= 6 ? {verbose: (line: string) => writeMessage(line)} : {}),
        warn,
      }),
  })
  const isNamed = flags.contexts !== undefined || flags.filename !== undefined
  if (isNamed || !('contexts' in defined) || 'trust-labels' in defined) return {sources: all}
  return {sources: all, contexts: all.read.flatMap(({clusters}) => clusters.map(({name}) => name))}
}
