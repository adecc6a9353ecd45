import {Command} from '@oclif/core/command'
import type {ExitCode} from '../errors.ts'
import {verbosity} from './flags.ts'
import {openTerminal, type Terminal} from './output/terminal.ts'

/**
 * Base class of all commands. A subclass picks its flags from `flags.ts`, so that help shows only flags that have an
 * effect. It declares no statics other than oclif's, because oclif writes every static to the manifest.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = {v: verbosity}

  /**
   * Runs the command.
   *
   * @returns the exit code; undefined means 0
   * @throws any error, which `failure.ts` converts to messages and an exit code
   */
  abstract override run(): Promise<ExitCode | undefined>

  /** The terminal of this process: results go to stdout, messages to stderr. */
  protected terminal(flags: {'no-input'?: boolean} = {}): Terminal {
    return openTerminal({noInput: flags['no-input'] ?? false})
  }
}
