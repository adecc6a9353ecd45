import {names} from '../../../istio/names.ts'
import {type FederationFacts, isCreated} from '../../../mesh/facts.ts'
import {clusterInRecord, readGatewaysRecord, readRemoteRecord} from '../../../mesh/record.ts'
import {accessIn, claimsOf} from '../../../mesh/remote-kubeconfig.ts'
import {credentialsIn, isBundle} from '../../../mesh/remote-secrets.ts'
import {goDuration} from '../../../spec/durations.ts'
import type {RawSpec} from '../../../spec/read.ts'
import type {federationFields} from '../spec.ts'

/** The input of `mesh federate`. */
export type RawFederation = RawSpec<typeof federationFields>

/**
 * Returns the settings with which version 0.1.0, which stored none, joined a cluster, as far as its objects show them.
 * Otherwise the first run of this version without flags would widen the exposure, or replace tokens by endless ones.
 */
export function formerSettings(facts: FederationFacts): RawFederation {
  return defined({...modeSettings(facts), ...objectSettings(facts)})
}

function modeSettings({record}: FederationFacts): RawFederation {
  const gateways = readGatewaysRecord(record)
  if (gateways) {
    const {dns, dnsForward, ownsDnsCapture} = gateways
    return {
      mode: 'gateways',
      dns: dns === 'istio' ? undefined : dns,
      dnsForward: dnsForward.length > 0 ? dnsForward : undefined,
      captureDns: ownsDnsCapture || undefined,
    }
  }
  const remote = readRemoteRecord(record)
  if (!remote) return {singleNetwork: (record?.data as {network?: string} | undefined)?.network === '' || undefined}
  return {
    mode: 'primary-remote',
    primary: remote.primary ?? clusterInRecord(record),
    remotePilotAddress: remote.pilotAddress,
    singleNetwork: remote.singleNetwork || undefined,
  }
}

function objectSettings(facts: FederationFacts): RawFederation {
  const service = facts.created.find(({kind, metadata}) => kind === 'Service' && metadata.name === names.gateway)
  const type = (service?.spec as {type?: string} | undefined)?.type
  return {
    expose: exposedHosts(facts),
    gatewayServiceType: type === 'LoadBalancer' ? undefined : type,
    credentials: facts.created.some(isBundle) ? 'bundled' : undefined,
    credentialDuration: lifetime(facts),
  }
}

/** The hosts of our Gateway, unless they are the default. */
function exposedHosts(facts: FederationFacts): string[] | undefined {
  const {exposure} = facts
  if (!exposure || !isCreated(exposure, facts)) return undefined
  const servers = (exposure.spec as {servers?: {hosts?: string[]}[]} | undefined)?.servers
  const hosts = servers?.flatMap(server => server.hosts ?? []) ?? []
  return hosts.length === 0 || hosts.join() === '*.local' ? undefined : hosts
}

/** The lifetime of our tokens that expire. */
function lifetime(facts: FederationFacts): string | undefined {
  for (const {ours, kubeconfig} of credentialsIn(facts)) {
    const {issued, expires} = claimsOf(accessIn(kubeconfig)?.token ?? '')
    if (ours && issued && expires) return goDuration(expires.getTime() - issued.getTime())
  }
  return undefined
}

function defined(raw: RawFederation): RawFederation {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined)) as RawFederation
}
