import {createHash} from 'node:crypto'

/**
 * An address for a host that has none, from 240.241.0.0/16: reserved (RFC 1112), and beside the range from which istiod
 * allocates (240.240.0.0/16). The same host gets the same one wherever it is free.
 *
 * @param taken addresses that others have already
 */
export function ownAddressFor(host: string, taken: ReadonlySet<string>): string {
  const start = createHash('sha256').update(host).digest().readUInt16BE()
  for (let step = 0; step < size; step++) {
    // .0.0 and .255.255 look like a network and a broadcast
    const number = 1 + ((start + step) % size)
    const address = `240.241.${number >> 8}.${number & 255}`
    if (!taken.has(address)) return address
  }
  throw new Error(`240.241.0.0/16 has no free address for ${host}`)
}

const size = 0xffff - 1
