import {accessSync, constants, statSync} from 'node:fs'
import {delimiter, isAbsolute, join, sep} from 'node:path'

/** Where a program was found: its absolute path, or why it may not run. */
export type FoundProgram = {path: string} | {problem: 'missing' | 'relative'}

/**
 * Looks up the program of a credential plugin as Go's `exec.LookPath` does: a name without a slash is searched in PATH,
 * and a match in `.`, an empty or another relative element of PATH is rejected (`exec.ErrDot`, Go 1.19).
 *
 * Threat: whoever can write to the working directory, such as the author of a cloned repository or an unpacked archive,
 * could place a program there that has the name of the plugin.
 *
 * @param command a path, already resolved against the folder of the kubeconfig, or a name
 * @param path the value of the environment variable PATH
 */
export function findPlugin(command: string, path: string): FoundProgram {
  if (command.includes(sep)) return {path: command}
  for (const folder of path.split(delimiter)) {
    const file = join(folder || '.', command)
    if (isExecutable(file)) return isAbsolute(file) ? {path: file} : {problem: 'relative'}
  }
  return {problem: 'missing'}
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
