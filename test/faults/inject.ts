import type {ChildProcess} from 'node:child_process'
import {type Ground, type GroundCluster, isWrite} from '../support/ground/ground.ts'
import type {Fault, SeenRequest} from '../support/servers/fault-proxy.ts'
import type {FaultKind, PlannedFault} from './schedule.ts'

/** The number of requests of an undisturbed run, to which the positions of faults refer. */
export type Totals = Record<PlannedFault['counts'], number>

/** A run with faults, while it runs and afterwards. */
export interface Injection {
  /** Called with the process of the run. */
  onStart(child: ChildProcess): void
  /** The faults that occurred, in order: `west PATCH /api/v1/…: 500`. */
  readonly occurred: string[]
  readonly killed: boolean
  /** Numbers of requests so far. */
  readonly seen: Totals
  /** Numbers of writes that the server has carried out. `known` are those whose response the program received. */
  written(): {all: number; known: number}
}

/** A fault that continues. */
interface Lasting {
  fault: PlannedFault
  /** Cluster, or cluster, method and URL. */
  where: string
}

/** Applies faults to all further requests of a ground, until its `reset`. */
export function injectFaults(ground: Ground, planned: readonly PlannedFault[], totals: Totals): Injection {
  let child: ChildProcess | undefined
  const seen: Totals = {request: 0, write: 0}
  const waiting = planned.map(fault => ({fault, number: 1 + Math.floor(fault.at * totals[fault.counts])}))
  const lasting: Lasting[] = []
  const state = {occurred: [] as string[], killed: false}
  const writes: {request: SeenRequest; isDisturbed: boolean}[] = []

  const choose = (request: SeenRequest, cluster: string): PlannedFault | undefined => {
    seen.request++
    if (isWrite(request)) seen.write++
    const isDue = ({fault, number}: (typeof waiting)[number]) =>
      number <= seen[fault.counts] && (fault.counts === 'request' || isWrite(request))
    const at = waiting.findIndex(isDue)
    const [due] = at < 0 ? [] : waiting.splice(at, 1)
    const same = `${cluster} ${request.method} ${request.url}`
    if (due && due.fault.lasts !== 'once')
      lasting.push({fault: due.fault, where: due.fault.lasts === 'stays' ? cluster : same})
    return due?.fault ?? lasting.find(({where}) => where === cluster || where === same)?.fault
  }
  const decide = ({cluster}: GroundCluster, request: SeenRequest): Fault => {
    if (state.killed) return 'hang'
    const fault = choose(request, cluster)
    if (changesObjects(request)) writes.push({request, isDisturbed: fault !== undefined})
    if (!fault) return 'pass'
    state.occurred.push(`${cluster} ${request.method} ${request.url}: ${fault.kind}`)
    if (fault.kind === 'kill-before' || fault.kind === 'kill-after') {
      state.killed = true
      child!.kill('SIGKILL')
    }
    return faultOf(fault.kind, fault.lasts)
  }
  for (const cluster of ground.clusters) cluster.proxy.decide = request => decide(cluster, request)
  return {
    seen,
    onStart: started => {
      child = started
    },
    get occurred() {
      return state.occurred
    },
    get killed() {
      return state.killed
    },
    written: () => {
      const done = writes.filter(({request: {status = 500}}) => status < 300)
      return {all: done.length, known: done.filter(({isDisturbed}) => !isDisturbed).length}
    },
  }
}

/** A request for a token changes no object. */
function changesObjects(request: SeenRequest): boolean {
  return isWrite(request) && !/\/token(\?|$)/.test(request.url)
}

function faultOf(kind: FaultKind, lasts: PlannedFault['lasts']): Fault {
  switch (kind) {
    case '429':
      // Repeated pauses of a second would only make the tests slower.
      return answer(429, 'too many requests', {'retry-after': lasts === 'once' ? '1' : '0'})
    case '500':
      return answer(500, 'the storage has failed')
    case '503':
      return answer(503, 'the server is starting')
    case 'kill-before':
      return 'hang'
    case 'kill-after':
      return 'lose-answer'
    default:
      return kind
  }
}

function answer(status: number, message: string, headers: Record<string, string> = {}): Fault {
  return {status, headers, body: {kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, message}}
}
