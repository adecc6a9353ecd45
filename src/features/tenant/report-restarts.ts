import type {PodSeen} from './read.ts'
import {restartHints} from './read-restarts.ts'

/** Which workloads to restart so that their pods get the control plane that their namespace asks for; empty for none. */
export function formatRestarts(pods: readonly PodSeen[]): string {
  if (pods.length === 0) return ''
  const told =
    pods.length === 1
      ? '1 pod keeps its control plane until it is'
      : `${pods.length} pods keep their control plane until they are`
  const lines = [`warning: ${told} restarted`]
  return [...lines, ...restartHints(pods).map(hint => `hint:  ${hint}`)].join('\n')
}
