import type {Outcome} from '../../engine/plan/apply.ts'
import {istiodContainer} from '../../istio/istiod.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {Install} from './spec.ts'

/** Where a control plane was installed. */
export interface InstalledAt {
  /** '' for the current context. */
  context: string
  /** Flags that select the user and the kubeconfig, quoted; '' for none. */
  connection: string
  /** The cluster had no such control plane before. */
  isNew: boolean
}

/**
 * Returns the commands that follow an installation: the status, the label with which namespaces get sidecars of a new control plane, and
 * after a change of istiod's image, the restart of the pods whose sidecars have the former version.
 */
export function stepsAfterInstall(
  {revision}: Pick<Install, 'revision'>,
  outcomes: readonly Outcome[],
  {context, connection, isNew}: InstalledAt,
): string[] {
  const connected = connection === '' ? '' : ` ${connection}`
  const flags = `${context === '' ? '' : ` ${contextFlags(context)}`}${connected}`
  const label = revision === undefined ? 'istio-injection=enabled' : `istio.io/rev=${revision}`
  return [
    `kubectl mesh install status${flags}`,
    ...(isNew ? [`kubectl${flags} label namespace NAMESPACE ${shellWord(label)}`] : []),
    ...(!isNew && outcomes.some(hasNewImage) ? [`kubectl${flags} -n NAMESPACE rollout restart deployment`] : []),
  ]
}

function hasNewImage({result, step: {live, merged}}: Outcome): boolean {
  const [before, after] = [live, merged].map(object => object && istiodContainer(object)?.image)
  return result === 'ok' && before !== undefined && after !== undefined && before !== after
}
