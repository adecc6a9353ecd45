import {createHash} from 'node:crypto'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {refusedError} from '../../errors.ts'
import {isMap} from '../../text/json.ts'
import {globalHost, type ServiceImport} from './objects.ts'

/** Number of usable addresses in 240.241.0.0/16: without .0.0 and .255.255, which look like network and broadcast. */
const size = 0xffff - 1

/**
 * Allocates an address for a host from 240.241.0.0/16. The range is reserved (RFC 1112), and differs from the range that
 * istiod allocates from (240.240.0.0/16). A host gets the same address each time, unless it is taken.
 *
 * @param taken addresses that are in use
 * @throws MeshError (exit 3) if every address is taken
 */
export function allocateAddress(host: string, taken: ReadonlySet<string>): string {
  const start = createHash('sha256').update(host).digest().readUInt16BE()
  for (let step = 0; step < size; step++) {
    const number = 1 + ((start + step) % size)
    const address = `240.241.${number >> 8}.${number & 255}`
    if (!taken.has(address)) return address
  }
  throw refusedError(
    `240.241.0.0/16 has no free address for ${host}: all ${size} addresses are in use`,
    'withdraw services that no client needs: kubectl mesh service unexport',
  )
}

/**
 * Returns imports with an address each, so that a DNS server of the cluster can resolve their names: it cannot know the
 * addresses that istiod allocates, which only proxies with DNS capture return.
 *
 * @param others further addresses that are in use
 * @throws MeshError (exit 3) if every address is taken
 */
export function withFixedAddresses(imports: readonly ServiceImport[], others: Iterable<string>): ServiceImport[] {
  const taken = new Set([...others, ...imports.flatMap(({addresses}) => addresses)])
  return imports.map(imported => {
    if (imported.addresses.length > 0) return imported
    const address = allocateAddress(globalHost(imported), taken)
    taken.add(address)
    return {...imported, addresses: [address]}
  })
}

/** All addresses of a ServiceEntry: those in its spec, and those that istiod allocated. */
export function entryAddresses({spec, status}: KubernetesObject): string[] {
  const allocated = listIn(status, 'addresses').map(one => (isMap(one) ? one.value : undefined))
  return [...listIn(spec, 'addresses'), ...allocated].filter(isText)
}

/** All hosts of a ServiceEntry. */
export function entryHosts({spec}: KubernetesObject): string[] {
  return listIn(spec, 'hosts').filter(isText)
}

/** A list in an object that any namespace administrator may have written. */
function listIn(value: unknown, key: string): unknown[] {
  const list = isMap(value) ? value[key] : undefined
  return Array.isArray(list) ? list : []
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
