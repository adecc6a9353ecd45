import {messageOf, usageError} from '../errors.ts'
import type {RequestedValues} from '../istio/render/input.ts'
import {parseRequestedValues} from '../istio/render/requested.ts'
import {SetProblem} from '../istio/render/set.ts'
import {readText} from '../text/read-text.ts'
import {loadYaml} from '../text/yaml.ts'
import type {RenderSpec} from './spec.ts'

/** A file of `--values`, parsed. */
export interface ValuesFile {
  /** Path, for messages. */
  name: string
  content: unknown
}

/**
 * Reads the files of `--values`.
 *
 * @throws MeshError (exit 2) for a file that cannot be read
 */
export async function readValuesFiles(names: readonly string[]): Promise<ValuesFile[]> {
  return Promise.all(
    names.map(async name => {
      try {
        return {name, content: loadYaml(await readText(name))}
      } catch (error) {
        throw usageError(`--values ${name}: ${messageOf(error).split('\n')[0]}`)
      }
    }),
  )
}

/**
 * Merges the content of values files with `--set`.
 *
 * @throws MeshError (exit 2) for invalid values
 */
export function mergeRequestedValues(files: readonly ValuesFile[], set: readonly string[]): RequestedValues {
  try {
    return parseRequestedValues(files, set)
  } catch (error) {
    if (!(error instanceof SetProblem)) throw error
    throw usageError(error.message)
  }
}

/**
 * Reads the files of `--values` and merges them with `--set`.
 *
 * @throws MeshError (exit 2) for a file that cannot be read, and for invalid values
 */
export async function readRequestedValues(spec: Pick<RenderSpec, 'set' | 'values'>): Promise<RequestedValues> {
  return mergeRequestedValues(await readValuesFiles(spec.values), spec.set)
}
