import {istiodHost} from '../../../mesh/objects-expose-istiod.ts'
import type {BundleSource} from './source.ts'

/**
 * `hosts`, to be added to `/etc/hosts`: istiod's name, which its certificate carries, at the gateway's addresses. Where
 * nothing is known yet but the load balancer's name, a comment says so, and the machine asks for it.
 */
export function hostsFile(source: BundleSource): string {
  const host = istiodHost(source.plane)
  const {addresses, hostName} = source.gateway
  const lines = addresses.map(address => `${address} ${host}`)
  if (hostName !== undefined)
    lines.unshift(`# ${host} is at ${hostName}; kubectl-mesh-vm on the machine keeps this up to date`)
  return `${lines.join('\n')}\n`
}
