import {readFile} from 'node:fs/promises'
import {messageOf, usageError} from '../../errors.ts'
import type {Said} from '../../istio/render/input.ts'
import {saidBy} from '../../istio/render/said.ts'
import {SetProblem} from '../../istio/render/set.ts'
import type {TenantSpec} from '../../specs/tenant.ts'
import {loadYaml} from '../../yaml.ts'

/** What `--set` and `--values` say, files read. Throws MeshError (exit 2). */
export async function readSaid(spec: Pick<TenantSpec, 'set' | 'values'>): Promise<Said> {
  const files = await Promise.all(
    spec.values.map(async name => {
      try {
        return {name, content: loadYaml(await readFile(name, 'utf8'))}
      } catch (error) {
        throw usageError(`--values ${name}: ${messageOf(error).split('\n')[0]}`)
      }
    }),
  )
  try {
    return saidBy(files, spec.set)
  } catch (error) {
    if (!(error instanceof SetProblem)) throw error
    throw usageError(error.message)
  }
}
