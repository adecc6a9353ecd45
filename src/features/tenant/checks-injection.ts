import type {Finding} from '../../findings/check.ts'

/**
 * Returns the finding that a namespace has the label `istio-injection`. Istio's webhooks evaluate it before
 * `istio.io/rev` (istiod chart, mutatingwebhook.yaml, 1.24–1.31).
 *
 * @param injection value of the label
 */
export function injectionConflict(namespace: string, injection: string): Finding {
  return {
    message: `namespace ${namespace} has istio-injection=${injection}, which takes precedence over istio.io/rev; the tenant would not inject its pods`,
    hints: [`kubectl label namespace ${namespace} istio-injection-`],
  }
}
