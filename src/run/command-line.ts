import type {Schema, SpecOf} from '../spec/field.ts'
import {flagsFor} from '../spec/read.ts'
import {shellWord} from '../text/shell-word.ts'
import type {Access, Run} from './run.ts'

/**
 * The arguments that select the context of a run. They name the current context too: another one may be current when the user
 * repeats the run.
 *
 * @param context '' for the current context
 */
export function contextArguments(context: string, {isOffline, kubeconfig}: Access): string[] {
  const name = context === '' && !isOffline ? kubeconfig.currentContext : context
  return name === '' ? [] : ['--context', name]
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

/** Returns the line of `commandLineOf` for a user who declined, and has not agreed to a later run. It asks again. */
export function withoutYes(line: string): string {
  return line.replace(/ --yes$/, '')
}
