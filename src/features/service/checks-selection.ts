import type {Finding} from '../../findings/check.ts'
import type {Refusal} from '../../mesh/services/offers.ts'
import type {ServiceCluster} from '../../mesh/services/read.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import {shellWord} from '../../text/shell-word.ts'

type Named = Pick<ServiceCluster, 'name' | 'context'>

/** Findings about a Service that was requested by name: an error if no exporting cluster has it, else a warning for each without it. */
export function missingServices<C extends Named>(
  named: {name: string; namespace: string} | undefined,
  exporting: readonly C[],
  has: (cluster: C) => boolean,
): Finding[] {
  if (!named) return []
  const place = `${named.namespace}/${named.name}`
  const listHint = (context: string) => `kubectl ${contextFlags(context)} -n ${shellWord(named.namespace)} get services`
  const without = exporting.filter(one => !has(one))
  if (without.length < exporting.length)
    return without.map(({name, context}) => ({
      level: 'warning',
      cluster: name,
      message: `Service ${place} does not exist; the cluster exports nothing`,
      hints: [listHint(context)],
    }))
  return [
    {
      message: `Service ${place} does not exist in ${exporting.map(({name}) => name).join(', ')}`,
      hints: [listHint(exporting[0]!.context)],
    },
  ]
}

/**
 * Exporters and importers are distinguished only by their names.
 *
 * @param command the command that sets different names
 */
export function sharedClusterNames(clusters: readonly Named[], command: string): Finding[] {
  return clusters.flatMap((one, at) => {
    const same = clusters.slice(0, at).find(({name}) => name === one.name)
    if (!same) return []
    return [
      {
        message: `contexts ${same.context} and ${one.context} have the same cluster name ${one.name}`,
        hints: [`${command} sets different names (--cluster-name ${shellWord(`${one.context}=NAME`)})`],
      },
    ]
  })
}

/** Clusters without a control plane of the revision. */
export function missingControlPlanes(clusters: readonly ServiceCluster[]): Finding[] {
  return clusters
    .filter(one => !one.controlPlane)
    .map(({name, context}) => ({
      cluster: name,
      message: 'no istiod of this revision in the system namespace',
      hints: [
        `set --revision and --system-namespace; to list: kubectl ${contextFlags(context)} get deployments -A -l app=istiod`,
      ],
    }))
}

/** Services that cannot be exported or imported: errors if the Service was requested by name, else warnings. */
export function refusedServices(refusals: readonly Refusal[], isNamed: boolean): Finding[] {
  return refusals.map(({cluster, namespace, name, reason, hint}) => ({
    level: isNamed ? 'error' : 'warning',
    cluster,
    message: `Service ${namespace}/${name} ${reason}`,
    hints: [hint],
  }))
}
