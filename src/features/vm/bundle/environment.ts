import {refusedError} from '../../../errors.ts'
import {scriptWord} from '../../../text/shell-word.ts'

/**
 * Why a name and a value cannot become a line of a file that a shell sources, or undefined.
 *
 * Threat: `istio-start.sh` sources `cluster.env` as root, and its keys come from `proxyMetadata` of the mesh config. A key such
 * as `A=1;touch${IFS}/x;B` would run a command. Values are quoted, so any text without NUL is safe.
 *
 * @param where path of the value in its source, for the message
 */
export function environmentProblem(where: string, key: string, value: unknown): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key))
    return `${where}: ${JSON.stringify(key)} is not a name of an environment variable (letters, digits and _)`
  if (typeof value !== 'string') return `${where}.${key} is ${kindOf(value)}; expected text`
  return value.includes('\0') ? `${where}.${key} contains a NUL character` : undefined
}

/** What a value is, in words: `a list`, `null`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'a list'
  const names: Record<string, string> = {object: 'a map', string: 'text', number: 'a number', boolean: 'a boolean'}
  return names[typeof value] ?? typeof value
}

/**
 * The text of a file that a shell sources: one `KEY=value` line for each variable, quoted and sorted.
 *
 * @throws MeshError (exit 3) for a key that is not a name of an environment variable, or a value that is not text
 */
export function formatEnvironment(env: Record<string, unknown>): string {
  const lines = Object.entries(env).map(([key, value]) => {
    const problem = environmentProblem('cluster.env', key, value)
    if (problem !== undefined || typeof value !== 'string')
      throw refusedError(problem ?? '', 'correct defaultConfig.proxyMetadata in the mesh config of the control plane')
    return `${key}=${value === '' ? "''" : scriptWord(value)}`
  })
  return `${lines.sort().join('\n')}\n`
}
