import type {Interfaces} from '@oclif/core'
import {Command} from '@oclif/core/command'
import type {ExitCode} from '../errors.ts'
import {verbosity} from './flags.ts'
import {openTerminal, type Terminal} from './output/terminal.ts'

/** The flags of a command class, with `-v`. */
export type FlagsOf<C extends typeof Command> = Interfaces.InferredFlags<(typeof BaseCommand)['baseFlags'] & C['flags']>

/**
 * What all commands share. A subclass picks its flags from `src/terminal/flags.ts`, so that help shows none that it ignores, and
 * declares no statics but oclif's own: every static lands in the manifest.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = {v: verbosity}

  /** Ends with the exit code it returns, 0 for undefined. What goes wrong is thrown: see `src/terminal/failure.ts`. */
  abstract override run(): Promise<ExitCode | undefined>

  /** Where to print: stdout is the artefact, stderr the talk. */
  protected terminal(flags: {'no-input'?: boolean} = {}): Terminal {
    return openTerminal({noInput: flags['no-input'] ?? false})
  }
}
