import {MeshError, usageError} from '../../errors.ts'
import {cannotRead} from '../../text/file-errors.ts'
import {readText} from '../../text/read-text.ts'
import type {Cluster} from '../cluster/cluster.ts'
import type {Kubeconfig} from '../kubeconfig/kubeconfig.ts'
import {type AccessProvider, parseAccessProviders, providersForm} from './access-providers.ts'
import {withSourced} from './merge.ts'
import {type ReadSource, readSource} from './read-source.ts'
import {type ClusterSource, parseClusterSource, sourceForm} from './source.ts'

/** What the reading of sources needs from outside. */
export interface SourceAccess {
  /** With the contexts of the clusters that contain the inventories. */
  kubeconfig: Kubeconfig
  /** Path of the access-provider file. */
  accessProviders: string | undefined
  connect(context: string): Promise<Cluster>
  warn(warning: string): void
}

/** The clusters of some sources. */
export interface SourcedClusters {
  /** With a context for each cluster. */
  kubeconfig: Kubeconfig
  read: readonly ReadSource[]
}

/**
 * Parses sources that a user typed. Equal ones count once.
 *
 * @throws MeshError (exit 2)
 */
export function parseSources(texts: readonly string[]): ClusterSource[] {
  return [...new Set(texts)].map(text => {
    const source = parseClusterSource(text)
    if (source) return source
    throw usageError(`--clusters-from ${text} is not a source of clusters`, `expected ${sourceForm}`)
  })
}

/**
 * Reads sources, and returns a kubeconfig with their clusters as contexts. Nothing is written to files.
 *
 * @throws MeshError (exit 2) for a context or access-provider file that is missing, and for two clusters with the same name;
 *   (exit 3) as `readSource`
 */
export async function readClusters(sources: readonly ClusterSource[], access: SourceAccess): Promise<SourcedClusters> {
  const profiles = sources.find(({kind}) => kind === 'clusterprofile')
  const providers = profiles === undefined ? [] : await readProviders(access.accessProviders, profiles)
  const read = await Promise.all(
    sources.map(async source => {
      const cluster = await connectTo(source, access)
      try {
        return await readSource(source, cluster, providers)
      } finally {
        cluster.close()
      }
    }),
  )
  for (const {source, pending} of read)
    for (const name of pending)
      access.warn(`${source.text}: ClusterProfile ${name} has no access provider yet, and is left out`)
  const clusters = read.flatMap(one => one.clusters)
  return {kubeconfig: withSourced(access.kubeconfig, clusters), read}
}

/** Names the source, whose context the user may have mistyped. */
async function connectTo({context, text}: ClusterSource, access: SourceAccess): Promise<Cluster> {
  try {
    return await access.connect(context)
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    const problems = error.problems.map(problem => ({...problem, message: `${text}: ${problem.message}`}))
    throw new MeshError(problems, error.exit)
  }
}

async function readProviders(file: string | undefined, {text}: ClusterSource): Promise<AccessProvider[]> {
  if (file === undefined)
    throw usageError(
      `${text}: ClusterProfiles contain no credentials, and --access-providers is not set`,
      `--access-providers FILE, with ${providersForm}`,
    )
  return parseAccessProviders(await readText(file).catch(cannotRead(file)), file)
}
