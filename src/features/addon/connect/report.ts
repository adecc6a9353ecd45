import {contextFlags} from '../../../spec/context-ref.ts'
import {shellWord} from '../../../text/shell-word.ts'

/** Kiali reads its Secrets when it starts (kiali kubernetes/cluster.go, 2.x). */
export function restartHint(context: string, {namespace, name}: {namespace: string; name: string}): string[] {
  return [
    'Kiali reads a changed Secret when it starts',
    `hint:  restart it: kubectl ${contextFlags(context)} -n ${shellWord(namespace)} rollout restart deployment ${shellWord(name)}`,
  ]
}
