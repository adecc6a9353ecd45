import {formatWarnings} from '../../terminal/output/findings.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {PodFacts} from './istio-pods.ts'

/** Resource names that `kubectl rollout restart` accepts, by kind. */
const restartable: Record<string, string> = {Deployment: 'deploy', StatefulSet: 'statefulset', DaemonSet: 'daemonset'}

/**
 * Returns hints that restart the workloads of pods: one command per namespace. Pods without a workload that can be
 * restarted are listed, because the user must delete and create them again.
 */
export function restartHints(pods: readonly PodFacts[]): string[] {
  return [...Map.groupBy(pods, ({namespace}) => namespace)].flatMap(([namespace, group]) => {
    const workloads = new Set<string>()
    const unowned: string[] = []
    for (const {name, owner} of group) {
      const kind = owner && restartable[owner.kind]
      if (kind) workloads.add(shellWord(`${kind}/${owner.name}`))
      else unowned.push(name)
    }
    return [
      ...(workloads.size > 0 ? [`kubectl -n ${namespace} rollout restart ${[...workloads].sort().join(' ')}`] : []),
      ...(unowned.length > 0 ? [`delete and recreate these pods in ${namespace}: ${unowned.sort().join(', ')}`] : []),
    ]
  })
}

/**
 * Formats a warning, as lines, with the workloads to restart so that their pods change their control plane. Empty without pods.
 */
export function formatRestarts(pods: readonly PodFacts[]): string[] {
  if (pods.length === 0) return []
  const message =
    pods.length === 1
      ? '1 pod keeps its control plane until it is restarted'
      : `${pods.length} pods keep their control plane until they are restarted`
  return formatWarnings([{message, hints: restartHints(pods)}])
}
