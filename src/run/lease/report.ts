import {type FoundLease, leaseName} from '../../engine/lease/lease.ts'
import type {Problem} from '../../errors.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import {formatDuration} from '../../text/duration.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {WrittenPlane} from './plane.ts'

/** A holder is not shown any longer: anyone with the permission to write leases can write it. */
const maxLength = 200

/** Returns the problem that another run holds the lease of a control plane. */
export function heldProblem({name, cluster, namespace}: WrittenPlane, by: FoundLease, now: Date): Problem {
  const left = Math.max(0, by.expires.getTime() - now.getTime())
  const free = `kubectl ${contextFlags(cluster.context)} -n ${shellWord(namespace)} delete lease ${leaseName}`
  return {
    message: `${name}: another run writes to this cluster: ${holderText(by)}${sinceText(by, now)}`,
    hints: [
      'wait until it has ended: --lock-timeout 5m',
      `if that run was killed, its lease expires in ${formatDuration(Math.ceil(left / 1000) * 1000)}; to free it now: ${free}`,
    ],
  }
}

/** Returns what a run waits for: `waiting for another run in west (jane@laptop, …)`. */
export function waitingText(held: ReadonlyMap<string, FoundLease>): string {
  const all = [...held].map(([name, by]) => `${name} (${holderText(by)})`)
  return `waiting for another run in ${all.join(', ')}`
}

function holderText({identity}: FoundLease): string {
  return identity.length > maxLength ? `${identity.slice(0, maxLength)}…` : identity
}

function sinceText({since}: FoundLease, now: Date): string {
  if (!since) return ''
  const age = Math.max(0, now.getTime() - since.getTime())
  return `, since ${since.toISOString().replace(/\.\d+Z$/, 'Z')} (${formatDuration(Math.floor(age / 1000) * 1000)} ago)`
}
