import type {Ground} from '../support/ground/ground.ts'
import type {RunningServers} from '../support/servers/servers.ts'

/** A command and its removal, on which schedules of faults are tried. */
export interface Scenario {
  name: string
  /** Creates the clusters. They are used for many schedules, one after the other. */
  open(servers: Pick<RunningServers, 'kubeconfig' | 'contexts'>): Promise<Stage>
}

/** The clusters of a scenario and its commands. */
export interface Stage {
  ground: Ground
  /** Namespaces in which the commands create objects. */
  namespaces: string[]
  /** Pairs of commands that the schedules choose from. */
  variants: Commands[]
  /** The objects of others contain no remote Secrets: the commands refuse clusters that are not in `--contexts`. */
  withoutRemotes?: true
  /** Added to the environment of the program. */
  env?: Record<string, string>
  close(): Promise<void>
}

/** A command, and the command that removes what it creates or takes its change back. */
export interface Commands {
  /** Commands before each schedule, without faults. */
  before?: string[][]
  up: string[]
  /** Succeeds only if `up` has left nothing to do. */
  settled?: string[]
  /** `down` needs a complete `up`, so that it never follows one that stopped halfway. */
  needsComplete?: true
  down: string[]
  /** Message with exit code 3 of a second removal, when the first has removed everything. */
  nothingLeft?: RegExp
  /** `up` removes something too. */
  upRemoves?: true
  /** Commands after `down`, without faults. Then the clusters must be as before. */
  after?: string[][]
}
