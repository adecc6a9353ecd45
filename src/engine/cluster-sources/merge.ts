import {exitCodes, MeshError, type Problem} from '../../errors.ts'
import type {Kubeconfig} from '../kubeconfig/kubeconfig.ts'
import type {FoundCluster} from './read-source.ts'

/**
 * Returns a kubeconfig with the clusters of sources as further contexts. Their credentials stay in memory. A cluster that two
 * selectors of one source choose counts once.
 *
 * @throws MeshError (exit 2) that names both places of each name that occurs twice
 */
export function withSourced(kubeconfig: Kubeconfig, clusters: readonly FoundCluster[]): Kubeconfig {
  const problems: Problem[] = []
  const origins = new Map<string, string>()
  const contexts = new Map(kubeconfig.contexts)
  const sourced = new Map(kubeconfig.sourced)
  for (const found of clusters) {
    const {name, origin} = found
    const known = origins.get(name) ?? sourced.get(name)?.origin ?? kubeconfig.contexts.get(name)?.file
    if (known === origin) continue
    if (known !== undefined) problems.push(sameName(name, origin, known, !origins.has(name) && !sourced.has(name)))
    else {
      origins.set(name, origin)
      const entries = entriesOf(found)
      sourced.set(name, {entries, origin})
      contexts.set(name, entries.contexts.get(name)!)
    }
  }
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
  const texts = new Set(clusters.map(({source}) => source.text))
  return {...kubeconfig, files: [...new Set([...kubeconfig.files, ...texts])], contexts, sourced}
}

function sameName(name: string, origin: string, known: string, isContext: boolean): Problem {
  return isContext
    ? {
        message: `${name} is both ${origin} and a context of ${known}`,
        hints: [
          `exclude one of them with ?SELECTOR, or rename the context: kubectl config rename-context ${name} OTHER`,
        ],
      }
    : {message: `${name} is both ${origin} and ${known}`, hints: ['exclude one of them with ?SELECTOR']}
}

/** A kubeconfig with this cluster only, so that its entries cannot replace those of files. */
function entriesOf({name, cluster, user, source}: FoundCluster): Kubeconfig {
  const file = source.text
  return {
    files: [file],
    currentContext: name,
    clusters: new Map([[name, {file, value: cluster}]]),
    users: new Map([[name, {file, value: user}]]),
    contexts: new Map([[name, {file, value: {cluster: name, user: name, namespace: ''}}]]),
    hidden: [],
  }
}
