import {createHash, randomUUID} from 'node:crypto'
import {readFileSync, readlinkSync} from 'node:fs'
import {hostname, userInfo} from 'node:os'
import type {FoundLease, Holder, HolderProcess} from './lease.ts'

/** Runs of this process that have not ended. */
const running = new Set<string>()

/**
 * Returns this process as the holder of leases.
 *
 * @param command what it runs, for messages: `kubectl mesh federate`
 */
export function thisHolder(command: string): Holder {
  const run = randomUUID()
  running.add(run)
  const identity = `${userName()}@${hostname()}, ${command}, process ${process.pid}`
  return {run, identity, process: {machine: machineOf(), pid: process.pid}}
}

/** Marks a run of this process as ended: leases that it could not release are free. */
export function endHolder({run}: Holder): void {
  running.delete(run)
}

/** Returns whether the holder of a lease is known to have ended: it ran on this machine, and its process is gone. */
export function hasEnded({run, process: holder}: Pick<FoundLease, 'run' | 'process'>): boolean {
  if (holder?.machine === undefined || holder.machine !== machineOf()) return false
  if (holder.pid === process.pid) return run === undefined || !running.has(run)
  return !isAlive(holder)
}

function isAlive({pid}: HolderProcess): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user exists too.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** A user ID without an entry in /etc/passwd, as in some containers, has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

/**
 * Identifies the start of the kernel and the PID namespace: in both, a process ID means the same process. Containers of one
 * machine differ in the namespace. Linux only; elsewhere a lease is free when it expires.
 */
function machineOf(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
    return createHash('sha256').update(boot).update(readlinkSync('/proc/self/ns/pid')).digest('hex').slice(0, 16)
  } catch {
    return undefined
  }
}
