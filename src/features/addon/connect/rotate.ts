import {type ExitCode, exitCodes} from '../../../errors.ts'
import {kialiClusterAnnotation} from '../../../istio/kiali.ts'
import {readConnectedKiali} from '../../../mesh/kiali/read.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import type {Run} from '../../../run/run.ts'
import {connectKiali} from './connect.ts'

/**
 * Replaces the tokens of every Kiali that `mesh addon connect` connected, for the clusters of a run.
 *
 * @param all clusters that were read
 * @returns the first exit code that is not 0
 * @throws MeshError as `connectKiali`
 */
export async function rotateKiali(all: readonly MeshMember[], systemNamespace: string, run: Run): Promise<ExitCode> {
  for (const home of all) {
    const kiali = await readConnectedKiali(home.facts!.cluster, {systemNamespace})
    const secrets = (kiali?.membership.objects ?? []).filter(
      ({metadata}) => metadata.annotations?.[kialiClusterAnnotation] !== undefined,
    )
    const names = secrets.map(({metadata}) => metadata.annotations![kialiClusterAnnotation]!)
    const targets = all.filter(({cluster}) => names.includes(cluster))
    const [first] = secrets
    if (!first || targets.length === 0) continue
    const clusters = [home, ...targets]
    const exit = await connectKiali(
      {
        contexts: clusters.map(({context}) => context),
        clusterName: Object.fromEntries(clusters.map(({context, cluster}) => [context, cluster])),
        kialiContext: home.context,
        namespace: first.metadata.namespace,
        systemNamespace,
        rotate: true,
      },
      run,
    )
    if (exit !== exitCodes.ok) return exit
  }
  return exitCodes.ok
}
