import {lookup} from 'node:dns/promises'
import {isIP} from 'node:net'
import {messageOf} from '../../errors.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import type {BundleGateway} from './bundle/source.ts'
import {gatewayAddressesOf, type VmFacts} from './read.ts'

/**
 * Where a machine reaches istiod: what was said, else the gateway's addresses. A name is resolved here for a first
 * `hosts` file; the machine does it again.
 */
export async function gatewayFor(said: string | undefined, facts: VmFacts, terminal: Terminal): Promise<BundleGateway> {
  const all = said === undefined ? gatewayAddressesOf(facts) : [said]
  const addresses = all.filter(address => isIP(address))
  const hostName = all.find(address => !isIP(address))
  if (addresses.length > 0 || hostName === undefined) return {addresses, hostName: undefined}
  try {
    const found = await lookup(hostName, {all: true})
    return {addresses: [...new Set(found.map(({address}) => address))].sort(), hostName}
  } catch (error) {
    terminal.message(
      `warning: ${hostName} can't be resolved here (${messageOf(error)}); the machine has to\nhint:  or name an IP address with --gateway-address`,
    )
    return {addresses: [], hostName}
  }
}
