import {lookup} from 'node:dns/promises'
import {isIP} from 'node:net'
import {messageOf} from '../../errors.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import type {BundleGateway} from './bundle/source.ts'
import {gatewayAddressesOf, type VmFacts} from './facts.ts'

/**
 * Finds the addresses at which a machine reaches istiod. A host name is resolved for the first `hosts` file, with a warning
 * if that fails; the machine resolves it again later.
 *
 * @param requested takes precedence over the addresses of the gateway
 */
export async function resolveGateway(
  requested: string | undefined,
  facts: VmFacts,
  terminal: Terminal,
): Promise<BundleGateway> {
  const all = requested === undefined ? gatewayAddressesOf(facts) : [requested]
  const addresses = all.filter(address => isIP(address))
  const hostName = all.find(address => !isIP(address))
  if (addresses.length > 0 || hostName === undefined) return {addresses, hostName: undefined}
  try {
    const results = await lookup(hostName, {all: true})
    return {addresses: [...new Set(results.map(({address}) => address))].sort(), hostName}
  } catch (error) {
    terminal.message([
      `warning: cannot resolve the gateway address ${hostName} here (${messageOf(error)}); the VM must be able to resolve it`,
      'hint:  or specify an IP address with --gateway-address',
    ])
    return {addresses: [], hostName}
  }
}
