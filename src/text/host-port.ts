/** Returns an address with a port, an IPv6 address in brackets (RFC 3986, section 3.2.2): `10.0.0.1:443`, `[::1]:443`. */
export function hostPort(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}
