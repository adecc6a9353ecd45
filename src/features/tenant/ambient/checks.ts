import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Finding} from '../../../findings/check.ts'
import {hasAmbientLabel, type ZtunnelSettings} from '../../../istio/ambient.ts'
import {namespaceOfIstiod} from '../../../istio/proxy.ts'
import {shellWord} from '../../../text/shell-word.ts'

/**
 * Returns findings about namespaces in ambient mode: a node has one ztunnel, which one istiod configures, whichever tenant a
 * namespace belongs to.
 *
 * @param tenant the tenant that gets the namespaces
 */
export function ambientFindings(
  namespaces: readonly KubernetesObject[],
  ztunnels: readonly ZtunnelSettings[],
  tenant: {name: string; systemNamespace: string},
): Finding[] {
  const served = ztunnels.map(({istiod}) => namespaceOfIstiod(istiod)).filter(place => place !== undefined)
  const [other] = served.filter(place => place !== tenant.systemNamespace)
  if (other === undefined) return []
  return namespaces
    .filter(namespace => hasAmbientLabel(namespace, {}))
    .map(({metadata: {name}}) => ({
      message: `namespace ${name} is in ambient mode (istio.io/dataplane-mode=ambient), and the istiod in ${other} configures ztunnel: policies of ${tenant.name} would not apply to pods there`,
      hints: [
        `to use sidecars: kubectl label namespace ${shellWord(name)} istio.io/dataplane-mode-`,
        `or keep the namespace with the control plane in ${other}`,
      ],
    }))
}
