import {istiodHost} from '../../../mesh/objects-expose-istiod.ts'
import type {BundleSource} from './source.ts'

/**
 * `hosts`, which is added to `/etc/hosts`: maps the host name of istiod, which its certificate contains, to the addresses of
 * the gateway. A comment names the host name of the load balancer, if there is one. The machine resolves it.
 */
export function hostsFile(source: BundleSource): string {
  const host = istiodHost(source.controlPlane)
  const {addresses, hostName} = source.gateway
  const lines = addresses.map(address => `${address} ${host}`)
  if (hostName !== undefined) lines.unshift(`# addresses of ${hostName}; kubectl-mesh-vm on the machine updates them`)
  return `${lines.join('\n')}\n`
}
