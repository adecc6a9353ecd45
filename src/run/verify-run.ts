import type {Terminal} from '../terminal/output/terminal.ts'
import type {Access} from './run.ts'

/** What a verification has to do with the outside. */
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
