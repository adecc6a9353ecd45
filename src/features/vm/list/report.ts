import {ageText, type Listing} from '../../../terminal/list/listing.ts'
import {expiryText, formatDuration} from '../../../text/duration.ts'
import type {VmRow} from './report-rows.ts'

/**
 * The VMs as a listing.
 *
 * @param now the time from which the table calculates ages
 */
export function vmListing(rows: readonly VmRow[], now: Date): Listing<VmRow> {
  return {
    rows,
    columns: [
      {head: 'namespace', cell: ({namespace}) => namespace},
      {head: 'group', cell: ({group}) => group},
      {head: 'entry', cell: ({entry}) => entry},
      {
        head: 'registered',
        cell: ({entry, auto}) => (entry === undefined ? undefined : auto ? 'by itself' : 'by address'),
      },
      {head: 'health', cell: ({health}) => (health === 'unknown' ? undefined : health)},
      {head: 'address', cell: ({address}) => address},
      {head: 'network', cell: ({network}) => network},
      {head: 'locality', cell: ({locality}) => locality},
      {head: 'seen', cell: row => connectionText(row, now)},
      {head: 'control plane', cell: ({controlPlane}) => controlPlane},
      {head: 'token', cell: row => tokenText(row, now), wide: true},
      {head: 'age', cell: ({created}) => ageText(created, now)},
    ],
    document: items => ({vms: items}),
    item: row => row,
    name: ({namespace, group, entry}) => `vm/${namespace}/${entry ?? group}`,
    namespaces: ({namespace}) => [namespace],
    state: ({health, connected}) => (health === 'unhealthy' ? 'error' : connected === false ? 'warning' : undefined),
  }
}

function connectionText({connected, since}: VmRow, now: Date): string | undefined {
  if (connected === undefined) return undefined
  const age = now.getTime() - since!.getTime()
  return `${connected ? 'connected' : 'disconnected'} ${age < 1000 ? '0s' : formatDuration(age)}`
}

/** The token matters to a machine that has no certificate, or an expired one. */
function tokenText({tokenExpires}: VmRow, now: Date): string | undefined {
  if (tokenExpires === undefined) return undefined
  return expiryText(tokenExpires.getTime() - now.getTime())
}
