import {messageOf, usageError} from '../errors.ts'
import type {RequestedValues} from '../istio/render/input.ts'
import {parseRequestedValues} from '../istio/render/requested.ts'
import {SetProblem} from '../istio/render/set.ts'
import {readText} from '../text/read-text.ts'
import {loadYaml} from '../text/yaml.ts'
import type {RenderSpec} from './spec.ts'

/**
 * Reads the files of `--values` and merges them with `--set`.
 *
 * @throws MeshError (exit 2) for a file that cannot be read, and for invalid values
 */
export async function readRequestedValues(spec: Pick<RenderSpec, 'set' | 'values'>): Promise<RequestedValues> {
  const files = await Promise.all(
    spec.values.map(async name => {
      try {
        return {name, content: loadYaml(await readText(name))}
      } catch (error) {
        throw usageError(`--values ${name}: ${messageOf(error).split('\n')[0]}`)
      }
    }),
  )
  try {
    return parseRequestedValues(files, spec.set)
  } catch (error) {
    if (!(error instanceof SetProblem)) throw error
    throw usageError(error.message)
  }
}
