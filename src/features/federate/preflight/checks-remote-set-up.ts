import {isIP} from 'node:net'
import {istiodPorts} from '../../../istio/remote.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {injectedNetwork, pilotAddressOf, remoteSetUp} from '../../../mesh/primary-remote.ts'
import type {Federation} from '../spec.ts'
import {forEachRemote, type MemberFinding} from './for-each.ts'
import {alternatively, remoteInstallHints} from './install-hint.ts'
import type {FederationCheck} from './subject.ts'

const setUp: FederationCheck = {
  id: 'remote-set-up',
  about: "a remote uses the primary's istiod, with its own cluster name and network",
  lasting: {mode: 'primary-remote', role: 'remote'},
  run: forEachRemote((remote, primary, {spec}) => {
    const address = pilotAddressOf(spec.remotePilotAddress, primary)
    if (remote.rendered) return spec.controlPlane === 'sail' ? sailFindings(address) : []
    const hints = setUpHints(remote, primary, address, spec)
    return setUpMessages(remote, primary, address, spec).map(message => ({message, hints}))
  }),
}

/** The webhook that the Sail operator creates uses port 443, which an ExternalName Service does not map. */
function sailFindings(address: string | undefined): MemberFinding[] {
  if (address === undefined || isIP(address)) return []
  return [
    {
      message: `the primary's address ${address} is a host name; webhooks that the Sail operator creates cannot reach istiod by host name`,
      hints: ['set --remote-pilot-address to its IP address', 'or use --control-plane istioctl'],
    },
  ]
}

function setUpHints(remote: MeshMember, primary: MeshMember, address: string | undefined, spec: Federation): string[] {
  // For a host name, the webhook that istioctl installs does not work: see `withWebhookPort`.
  const hasInstallCommand = address !== undefined && isIP(address)
  return [
    'add --control-plane istioctl (or helm, sail) to set it up',
    ...(hasInstallCommand ? alternatively(remoteInstallHints(remote, primary, address, spec)) : []),
  ]
}

function setUpMessages(
  remote: MeshMember,
  primary: MeshMember,
  address: string | undefined,
  spec: Federation,
): string[] {
  const network = injectedNetwork(remote, primary, spec.singleNetwork)
  const {installed, named, leadsThere, dials} = remoteSetUp(remote, address, network)
  if (!installed) return [`no webhook requests injection from istiod of ${primary.cluster}`]
  const addresses = remote.facts?.primaryRemote?.istiodAddresses ?? []
  return [
    ...(named ? [] : [`the injection webhook does not specify ${identityText(remote.cluster, network)}`]),
    ...(dials
      ? []
      : [
          `the injection webhook cannot reach istiod: host name ${addresses[0]} serves webhooks only on port ${istiodPorts.webhook}`,
        ]),
    // Without an address, the gateway of the primary and the Service that leads to it are not created yet.
    ...(leadsThere || address === undefined
      ? []
      : [
          `the istiod Service has ${addressText(addresses)}; expected ${address}, the address of istiod in ${primary.cluster}`,
        ]),
  ]
}

function identityText(cluster: string, network: string | undefined): string {
  return `cluster ${cluster}${network ? ` and network ${network}` : ''}`
}

function addressText(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'no address' : `the address ${addresses.join(', ')}`
}

/** Checks of the webhook and Service of a remote. */
export const remoteSetUpChecks: readonly FederationCheck[] = [setUp]
