import type {Schema, SpecOf} from '../spec/field.ts'
import {flagsFor} from '../spec/read.ts'
import {shellWord} from '../text/shell-word.ts'
import type {Run} from './run.ts'

/** The arguments that select a context, for `commandLineOf`. None for the current context, ''. */
export function contextArguments(context: string): string[] {
  return context === '' ? [] : ['--context', context]
}

/**
 * The command line that repeats a run without questions.
 *
 * @param more arguments beside those of the Spec, one per element, not quoted: `['--context', 'east']`
 */
export function commandLineOf<S extends Schema>(
  fields: S,
  spec: SpecOf<S>,
  run: Pick<Run, 'command'>,
  more: readonly string[] = [],
): string {
  return [run.command, ...[...flagsFor(fields, spec), ...more].map(shellWord), '--yes'].join(' ')
}
