import {setTimeout as sleep} from 'node:timers/promises'
import {ApiError} from '../../engine/cluster/errors.ts'
import {deleteLease, renewLease, type TakenLease, takeLease} from '../../engine/lease/hold.ts'
import {endHolder, thisHolder} from '../../engine/lease/holder.ts'
import {type FoundLease, type Holder, leaseSeconds, renewMs} from '../../engine/lease/lease.ts'
import {messageOf, type Problem} from '../../errors.ts'
import {atEnd} from '../../terminal/at-end.ts'
import {startProgress} from '../../terminal/output/progress.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {planeKey, type WrittenPlane} from './plane.ts'
import {heldProblem, waitingText} from './report.ts'

/** The attempt to take leases. */
export interface TakenLeases {
  /** The clusters whose lease another run holds. */
  held: Map<string, Problem>
  /** The clusters whose lease was waited for: the other run may have changed what was read before. */
  waitedFor: string[]
}

/** A lease that this run holds. */
interface OwnLease extends WrittenPlane {
  uid: string
  renewed: number
  timer: NodeJS.Timeout
  /** Aborted when another run has taken the lease. */
  lost: AbortController
}

/** How often a lease of another run is read while this run waits. */
const pollMs = 1000

/** The end of the command is not delayed any longer by an API server that does not respond. */
const maxReleaseMs = 5000

/** The leases of one run. They are held from its first write in a control plane to its end. */
export class Leases {
  readonly #command: string
  readonly #waitMs: number
  readonly #terminal: Terminal
  readonly #signal: AbortSignal
  readonly #own = new Map<string, OwnLease>()
  #holder: Holder | undefined
  /** Control planes in which the user may not create a lease. */
  readonly #denied = new Set<string>()
  /** Control planes whose server has not answered. */
  readonly #failed = new Set<string>()
  #begun = false

  /**
   * @param command what the run is, for the message that another run shows: `kubectl mesh federate`
   * @param waitMs how long to wait for other runs
   */
  constructor(command: string, waitMs: number, terminal: Terminal, signal: AbortSignal) {
    this.#command = command
    this.#waitMs = waitMs
    this.#terminal = terminal
    this.#signal = signal
  }

  /**
   * Takes the leases that this run does not hold yet. Without the permission, it warns and continues. Where the namespace does not
   * exist yet, there is no lease: call it again after the namespace was created.
   *
   * @param isFirst nothing was written: either all leases are taken, or none
   * @throws the reason of the signal, after Ctrl-C
   */
  async take(planes: readonly WrittenPlane[], isFirst: boolean): Promise<TakenLeases> {
    await this.#renewOld(planes)
    const until = performance.now() + this.#waitMs
    const waitedFor = new Set<string>()
    let progress: Awaited<ReturnType<typeof startProgress>> | undefined
    try {
      for (;;) {
        const held = await this.#takeOnce(planes)
        if (held.size === 0) return {held: new Map(), waitedFor: [...waitedFor]}
        if (isFirst) await this.#releaseAll()
        const left = until - performance.now()
        if (left <= 0) return {held: problemsOf(held, planes), waitedFor: [...waitedFor]}
        for (const name of held.keys()) waitedFor.add(name)
        const text = waitingText(held)
        if (progress) progress.update(text)
        else progress = await startProgress(this.#terminal, text)
        await sleep(Math.min(pollMs, left), undefined, {signal: this.#signal}).catch(() => undefined)
        this.#signal.throwIfAborted()
      }
    } finally {
      progress?.done()
    }
  }

  /** Whether the run has started to write. */
  get hasBegun(): boolean {
    return this.#begun
  }

  /** The run starts to write now. */
  begin(): void {
    this.#begun = true
  }

  /** Aborted when another run has taken the lease of a control plane from this run. */
  lost(plane: WrittenPlane): AbortSignal | undefined {
    return this.#own.get(planeKey(plane))?.lost.signal
  }

  /**
   * Deletes the leases at the end of the run, or of a round of a run that never ends. The next run then need not wait until they
   * expire.
   */
  async release(): Promise<void> {
    this.#begun = false
    this.#failed.clear()
    if (this.#holder) endHolder(this.#holder)
    this.#holder = undefined
    if (this.#own.size === 0) return
    const limit = new AbortController()
    const end = sleep(maxReleaseMs, undefined, {signal: limit.signal}).catch(() => undefined)
    await Promise.race([this.#releaseAll(), end])
    limit.abort()
  }

  async #releaseAll(): Promise<void> {
    const all = [...this.#own.values()]
    this.#own.clear()
    for (const {timer} of all) clearInterval(timer)
    const held = all.filter(({lost}) => !lost.signal.aborted)
    await Promise.all(
      held.map(({cluster, namespace, uid}) => deleteLease(cluster, namespace, uid).catch(() => undefined)),
    )
  }

  async #takeOnce(planes: readonly WrittenPlane[]): Promise<Map<string, FoundLease>> {
    // A cluster may have several plans.
    const distinct = [...new Map(planes.map(plane => [planeKey(plane), plane])).values()]
    const lacking = distinct.filter(
      plane => ![this.#own, this.#denied, this.#failed].some(known => known.has(planeKey(plane))),
    )
    const held = new Map<string, FoundLease>()
    const take = async (plane: WrittenPlane) => {
      const taken = await this.#tryTake(plane)
      if (taken?.result === 'held') held.set(plane.name, taken.by)
      if (taken?.result === 'taken') this.#keep(plane, taken.uid)
    }
    // Of two runs that start at the same time, the one that takes the first lease continues. In parallel, each could take some.
    const [first, ...others] = lacking.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    if (first) await take(first)
    if (held.size === 0) await Promise.all(others.map(take))
    return held
  }

  async #tryTake(plane: WrittenPlane): Promise<TakenLease | undefined> {
    const {name, cluster, namespace} = plane
    try {
      return await takeLease(cluster, namespace, this.#self(), this.#signal)
    } catch (error) {
      this.#signal.throwIfAborted()
      const isDenied = error instanceof ApiError && error.status === 403
      const without = isDenied ? this.#denied : this.#failed
      without.add(planeKey(plane))
      const reason = isDenied ? `no permission to create and delete leases in namespace ${namespace}` : messageOf(error)
      this.#terminal.message(
        `warning: ${name}: ${reason}; another run that writes at the same time would not be detected`,
      )
      return undefined
    }
  }

  #self(): Holder {
    this.#holder ??= thisHolder(this.#command)
    return this.#holder
  }

  #keep(plane: WrittenPlane, uid: string): void {
    const own: OwnLease = {
      ...plane,
      uid,
      renewed: Date.now(),
      lost: new AbortController(),
      timer: setInterval(() => void this.#renew(own), renewMs).unref(),
    }
    this.#own.set(planeKey(plane), own)
  }

  /** A failure is not reported: the lease is valid for some time, and the write that follows fails too. */
  async #renew(own: OwnLease): Promise<void> {
    const {cluster, namespace, uid, lost} = own
    const renewed = await renewLease(cluster, namespace, uid, this.#self()).catch(() => undefined)
    if (renewed?.result === 'taken') Object.assign(own, {uid: renewed.uid, renewed: Date.now()})
    if (renewed?.result === 'held') {
      clearInterval(own.timer)
      lost.abort(new Error(`another run has taken over: ${renewed.by.identity}`))
    }
  }

  /** The computer may have slept since the last renewal. */
  async #renewOld(planes: readonly WrittenPlane[]): Promise<void> {
    const own = planes.flatMap(plane => this.#own.get(planeKey(plane)) ?? [])
    const old = own.filter(({renewed}) => Date.now() - renewed > (leaseSeconds * 1000) / 2)
    await Promise.all(old.map(lease => this.#renew(lease)))
  }
}

/**
 * Returns the leases of a new run. They are released when the command ends.
 *
 * @param words the command words after `kubectl mesh`
 * @param waitMs how long to wait for other runs
 */
export function openLeases(words: string, waitMs: number, terminal: Terminal, signal: AbortSignal): Leases {
  const leases = new Leases(`kubectl mesh ${words}`, waitMs, terminal, signal)
  atEnd(() => leases.release())
  return leases
}

function problemsOf(held: ReadonlyMap<string, FoundLease>, planes: readonly WrittenPlane[]): Map<string, Problem> {
  const now = new Date()
  return new Map(
    planes.flatMap(plane => {
      const by = held.get(plane.name)
      return by ? [[plane.name, heldProblem(plane, by, now)] as const] : []
    }),
  )
}
