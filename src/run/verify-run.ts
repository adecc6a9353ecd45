import type {Terminal} from '../terminal/output/terminal.ts'
import type {Access} from './run.ts'

/** Everything a verification needs from outside. */
export interface VerifyRun<Output extends string = 'json' | 'yaml'> {
  terminal: Terminal
  access: Access
  output: Output | undefined
  write: {
    yes: boolean
    /** Milliseconds, for `--traffic`. */
    timeout: number
  }
}
