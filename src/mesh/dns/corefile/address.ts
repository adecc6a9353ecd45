/** The address of a server block. */
export interface ServerAddress {
  /** `dns`, `tls`, `https`, … */
  transport: string
  /** In lower case and without the dot at its end; `.` for the root. */
  zone: string
  /** '' if the address has none: CoreDNS then uses the port of its flag `-dns.port`, 53 by default. */
  port: string
}

/** Parses the address of a server block as CoreDNS does (core/dnsserver/address.go, plugin/pkg/parse/transport.go, 1.15). */
export function parseAddress(key: string): ServerAddress {
  const [, transport = 'dns', zone = '', port = ''] = /^(?:([a-z]+):\/\/)?(.*?)(?::(\d+))?$/is.exec(key) ?? []
  return {transport: transport.toLowerCase(), zone: zone.toLowerCase().replace(/\.$/, '') || '.', port}
}

/** Whether a server block for a zone answers DNS queries on a port. */
export function serves(key: string, zone: string, port: string): boolean {
  const address = parseAddress(key)
  return address.transport === 'dns' && address.zone === zone && (address.port || '53') === (port || '53')
}
