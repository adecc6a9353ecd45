import {existsSync} from 'node:fs'
import type {Interfaces} from '@oclif/core'
import {Command} from '@oclif/core/command'
import {type ExitCode, MeshError, usageError} from '../errors.ts'
import {withHintContext} from '../spec/hint-context.ts'
import {shellWord} from '../text/shell-word.ts'
import {verbosity} from './flags.ts'
import {namingContext} from './hint-terminal.ts'
import {openTerminal, type Terminal} from './output/terminal.ts'

/**
 * Base class of all commands. A subclass picks its flags from `flags.ts`, so that help shows only flags that have an
 * effect. It declares no statics other than oclif's, because oclif writes every static to the manifest.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = {v: verbosity}

  /** The context from the flags or a file, for hints. */
  #context = ''

  /**
   * Runs the command.
   *
   * @returns the exit code; undefined means 0
   * @throws any error, which `failure.ts` converts to messages and an exit code
   */
  abstract override run(): Promise<ExitCode | undefined>

  /** Parses the command line, and reads the sources of `--clusters-from`, so that their clusters are contexts like all others. */
  protected override async parse<
    F extends Interfaces.OutputFlags<F>,
    B extends Interfaces.OutputFlags<B>,
    A extends Interfaces.OutputArgs<A>,
  >(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    const parsed = await super.parse(options, argv)
    const flags: Readonly<Record<string, unknown>> = parsed.flags
    if (flags['clusters-from'] === undefined) return parsed
    const {sourcedFlags} = await import('./cluster-sources.ts')
    Object.assign(parsed.flags, await sourcedFlags(flags, options?.flags ?? {}))
    return parsed
  }

  /**
   * The terminal of this process: results go to stdout, messages to stderr.
   *
   * @param flags with a context that is not the current one, which all hints then name
   */
  protected terminal(flags: {'no-input'?: boolean; context?: string | undefined} = {}): Terminal {
    this.#context = flags.context ?? ''
    return namingContext(openTerminal({noInput: flags['no-input'] ?? false}), this.#context)
  }

  protected override async catch(error: Error): Promise<void> {
    this.#refuseStrayFile(error)
    if (!(error instanceof MeshError) || this.#context === '') return super.catch(error)
    const problems = error.problems.map(problem => withHintContext(problem, this.#context))
    throw new MeshError(problems, error.exit, error.cause)
  }

  /** A file or folder without `-f` is an argument to oclif, which knows no more than that it is unexpected. */
  #refuseStrayFile(error: Error & {args?: unknown}): void {
    if (!('filename' in (this.ctor.flags ?? {})) || !Array.isArray(error.args)) return
    const files = error.args.filter((word): word is string => typeof word === 'string' && existsSync(word))
    if (files.length === 0) return
    const flags = files.map(file => `-f ${shellWord(file)}`).join(' ')
    throw usageError(`unexpected argument ${files.join(' ')}`, `to read mesh files: ${flags}`)
  }
}
