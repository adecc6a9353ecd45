import {contextFlags} from '../../spec/context-ref.ts'
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
  return formatWarnings(restartRisks(pods).map(message => ({message, hints: restartHints(pods)})))
}

/** Returns the sentence that pods have to be restarted to change their control plane. Empty without pods. */
export function restartRisks(pods: readonly PodFacts[]): string[] {
  if (pods.length === 0) return []
  return [
    pods.length === 1
      ? '1 pod keeps its control plane until it is restarted'
      : `${pods.length} pods keep their control plane until they are restarted`,
  ]
}

/** A tenant after it was added. */
export interface AddedTenant {
  name: string
  /** Whether a namespace belongs to it. */
  hasNamespaces: boolean
  /** Its pods that another control plane still serves. */
  pods: readonly PodFacts[]
}

/**
 * Returns the commands that follow the addition of a tenant: the verification, the assignment of a first namespace, and the restarts with
 * which pods get sidecars of the tenant.
 *
 * @param context '' for the current one
 * @param connection flags that select the user and the kubeconfig, quoted; '' for none
 */
export function stepsAfterAdd({name, hasNamespaces, pods}: AddedTenant, context: string, connection: string): string[] {
  const where = [...(context === '' ? [] : [contextFlags(context)]), ...(connection === '' ? [] : [connection])]
  const command = (...words: string[]) => ['kubectl mesh tenant', ...words, ...where].join(' ')
  return [
    ...(hasNamespaces ? [] : [command('assign', shellWord(name), 'NAMESPACE')]),
    ...restartHints(pods).map(hint => hint.replace(/^kubectl /, `${['kubectl', ...where].join(' ')} `)),
    command('verify', shellWord(name)),
  ]
}
