import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {kialiSelector} from '../../../istio/kiali.ts'
import {forEachContext} from '../../../mesh/contexts/for-each.ts'
import {askMeshContexts} from '../../../mesh/contexts/questions.ts'
import type {Asker} from '../../../run/ask-missing.ts'
import {connect} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {askChoice} from '../../../terminal/prompts.ts'
import {addonDisconnectFields, validateAddonDisconnect} from './spec.ts'

type RawPlace = RawSpec<typeof addonDisconnectFields>

/** Where a Kiali runs. */
interface KialiPlace {
  context: string
  namespace: string
}

/**
 * Asks for the clusters, and for one Kiali if several run in them. Returns the answers only.
 *
 * @throws MeshError (exit 2) for invalid input
 */
export async function askConnection(
  raw: RawPlace,
  {access, terminal}: Pick<Asker, 'access' | 'terminal'>,
): Promise<RawPlace> {
  const clusters = await askMeshContexts(raw, {access, terminal}, 2)
  const spec = readSpec(addonDisconnectFields, {...raw, ...clusters}, validateAddonDisconnect)
  const contexts = spec.kialiContext === undefined ? spec.contexts : [spec.kialiContext]
  const connections = await forEachContext(contexts, context => connect(access, context))
  const found = (await Promise.all(connections.map(kialisOf))).flat()
  const fitting = found.filter(({namespace}) => spec.namespace === undefined || namespace === spec.namespace)
  if (fitting.length < 2) return clusters
  const answer = await askChoice(
    terminal,
    'Which Kiali?',
    fitting.map(({context, namespace}, at) => ({name: `${context}   namespace ${namespace}`, value: String(at)})),
  )
  const {context, namespace} = fitting[Number(answer)]!
  return {
    ...clusters,
    ...(spec.kialiContext === undefined ? {kialiContext: context} : {}),
    ...(spec.namespace === undefined ? {namespace} : {}),
  }
}

/** The command itself reports a cluster that cannot be read, and one without Kiali. */
async function kialisOf(cluster: Cluster): Promise<KialiPlace[]> {
  const {context} = cluster
  try {
    const all = await cluster.list({apiVersion: 'apps/v1', kind: 'Deployment'}, {labelSelector: kialiSelector})
    return all.map(({metadata}) => ({context, namespace: metadata.namespace!}))
  } catch (error) {
    if (error instanceof ApiError || error instanceof UnreachableError) return []
    throw error
  }
}
