import {createHash} from 'node:crypto'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/** Number of usable addresses in 240.241.0.0/16: without .0.0 and .255.255, which look like network and broadcast. */
const size = 0xffff - 1

/**
 * Allocates an address for a host from 240.241.0.0/16. The range is reserved (RFC 1112), and differs from the range that
 * istiod allocates from (240.240.0.0/16). A host gets the same address each time, unless it is taken.
 *
 * @param taken addresses that are in use
 * @throws Error if every address is taken
 */
export function allocateAddress(host: string, taken: ReadonlySet<string>): string {
  const start = createHash('sha256').update(host).digest().readUInt16BE()
  for (let step = 0; step < size; step++) {
    const number = 1 + ((start + step) % size)
    const address = `240.241.${number >> 8}.${number & 255}`
    if (!taken.has(address)) return address
  }
  throw new Error(`240.241.0.0/16 has no free address for ${host}`)
}

/** All addresses of a ServiceEntry: those in its spec, and those that istiod allocated. */
export function entryAddresses({spec, status}: KubernetesObject): string[] {
  const {addresses = []} = (spec ?? {}) as {addresses?: string[]}
  const allocated = ((status ?? {}) as {addresses?: {value?: string}[]}).addresses ?? []
  return [...addresses, ...allocated.flatMap(({value}) => (value ? [value] : []))]
}
