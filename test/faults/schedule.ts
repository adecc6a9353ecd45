import {type Random, seededRandom} from './random.ts'

/** What happens to a request. A kill ends the program with SIGKILL. */
export type FaultKind =
  | '429'
  | '500'
  | '503'
  | 'reset'
  | 'lose-answer'
  | 'cut'
  | 'hang'
  /** The request is not carried out. */
  | 'kill-before'
  /** The request is carried out, but its response is lost. */
  | 'kill-after'

/** A fault of a run. */
export interface PlannedFault {
  /** What is counted: all requests, or only those that change objects. */
  counts: 'request' | 'write'
  /** Position in the run, as a fraction of the number of requests or writes of an undisturbed run. */
  at: number
  kind: FaultKind
  /**
   * `once`: one request. `repeats`: also each further try of this request. `stays`: also every later request to the same
   * cluster.
   */
  lasts: 'once' | 'repeats' | 'stays'
}

/** The faults of the two commands of a scenario. The seed determines all of it. */
export interface Schedule {
  seed: number
  /** A number that selects the flags of the scenario's commands. */
  variant: number
  /** The removal follows the disturbed first command directly, which may have stopped halfway. */
  removesPartial: boolean
  up: PlannedFault[]
  down: PlannedFault[]
}

const kinds: readonly Exclude<FaultKind, 'kill-before' | 'kill-after'>[] = [
  '429',
  '500',
  '503',
  'reset',
  'lose-answer',
  'cut',
  'hang',
]

/** Returns the schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const random = seededRandom(seed)
  return {
    seed,
    variant: random.below(1000),
    removesPartial: random.chance(0.25),
    up: faultsOf(random),
    down: faultsOf(random),
  }
}

/** One to four faults. Two of five runs end with a kill. */
function faultsOf(random: Random): PlannedFault[] {
  const faults = Array.from({length: 1 + random.below(3)}, () => faultOf(random))
  if (!random.chance(0.4)) return faults
  const kill = {counts: 'write', at: random.next(), kind: random.pick(['kill-before', 'kill-after']), lasts: 'once'}
  return [...faults.filter(({lasts}) => lasts === 'once'), kill as PlannedFault]
}

function faultOf(random: Random): PlannedFault {
  return {
    counts: random.chance(0.6) ? 'write' : 'request',
    at: random.next(),
    kind: random.pick(kinds),
    lasts: random.pick(['once', 'once', 'repeats', 'stays']),
  }
}

/** Describes a schedule in one line: `up: 500 at 12 % of the writes (repeats); down: …`. */
export function formatSchedule({up, down, removesPartial}: Schedule): string {
  const parts = [
    `up: ${formatFaults(up)}`,
    `down${removesPartial ? ' (directly after it)' : ''}: ${formatFaults(down)}`,
  ]
  return parts.join('; ')
}

function formatFaults(faults: readonly PlannedFault[]): string {
  return faults
    .map(({counts, at, kind, lasts}) => `${kind} at ${Math.floor(at * 100)} % of the ${counts}s (${lasts})`)
    .join(', ')
}
