import {type MeshError, refusedError} from '../../errors.ts'
import {dnsName, ipAddress} from '../../spec/texts.ts'

/** IP addresses by host name under `.global`, as the DNS server of a cluster answers them. */
export type DnsNames = ReadonlyMap<string, readonly string[]>

/** The zone of the names of imported services. */
export const zone = 'global'

/** Longest configuration that is edited. A ConfigMap holds 1 MiB (Kubernetes documentation, "ConfigMaps"). */
const maxLength = 1024 * 1024

/**
 * Rejects names and addresses that do not consist of the characters of names and addresses only.
 *
 * Threat: they are part of a configuration of CoreDNS or dnsmasq. A line break, a quote or a brace in one of them could add
 * directives, such as a server that redirects all names of the cluster.
 *
 * @throws MeshError (exit 3)
 */
export function checkDnsNames(names: DnsNames): void {
  for (const [name, addresses] of names) {
    const invalid = addresses.find(address => ipAddress(address) !== undefined)
    if (dnsName(name) !== undefined || !name.endsWith(`.${zone}`))
      throw refusedError(
        `${quoted(name)} cannot be added to the cluster's DNS: it is not a DNS name under .${zone}`,
        'kubectl mesh service list shows the imported services',
      )
    if (invalid !== undefined)
      throw refusedError(
        `${name} cannot be added to the cluster's DNS: ${quoted(invalid)} is not an IP address`,
        'unexport the service, then export it again',
      )
  }
}

/**
 * Rejects a configuration that does not fit into a ConfigMap.
 *
 * @param what the configuration, for the message: `the Corefile`
 * @throws MeshError (exit 3)
 */
export function checkLength(text: string, what: string): void {
  if (text.length > maxLength)
    throw refusedError(
      `${what} has ${text.length} characters; a ConfigMap holds ${maxLength} bytes (1 MiB)`,
      'export fewer services to this cluster, or federate with --dns istio',
    )
}

/**
 * Returns an edited configuration if it differs from the original only by what kubectl-mesh manages.
 *
 * @param rest the configurations before and after the edit, parsed and without what kubectl-mesh manages
 * @param what the configuration, for the message: `the Corefile`
 * @throws MeshError (exit 3) if they differ, or if the edited configuration is too long
 */
export function onlyManagedPart(edited: string, rest: {before: string; after: string}, what: string): string {
  checkLength(edited, what)
  if (rest.after !== rest.before) throw notOnlyManaged(what)
  return edited
}

/** The error for an edit that would change more than what kubectl-mesh manages (exit 3). */
export function notOnlyManaged(what: string): MeshError {
  return refusedError(
    `the edit for .${zone} would also change other parts of ${what}; nothing was changed`,
    'federate with --dns istio, or add the names yourself',
  )
}

/** A value for a message, as JSON and in short. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
