import {exitCodes, MeshError, messageOf, usageError} from '../errors.ts'
import {readText} from '../text/read-text.ts'
import {loadTexts} from '../text/yaml.ts'
import {fileKeyOf, type Raw, type Schema} from './field.ts'
import type {RawSpec} from './read.ts'

/** Version of the mesh file format. */
export const meshFileVersion = 'kubectl-mesh.io/v1alpha1'

/**
 * Reads a mesh file: one YAML document with apiVersion, kind and a `spec` whose keys are the flags in camel case.
 *
 * @param file path, `-` for stdin; undefined yields an empty input
 * @returns the input by field name, not validated
 * @throws MeshError (exit 2) if the file cannot be read, is not a mesh file of this kind, or has unknown keys
 */
export async function readMeshFile<S extends Schema>(
  kind: string,
  schema: S,
  file: string | undefined,
): Promise<RawSpec<S>> {
  if (file === undefined) return {}
  const document = parse(await contentOf(file), file)
  if (document.apiVersion !== meshFileVersion || document.kind !== kind)
    throw usageError(
      `${file} is not a ${kind} of ${meshFileVersion}`,
      `it must begin with  apiVersion: ${meshFileVersion}  and  kind: ${kind}`,
    )
  const input = (document.spec ?? {}) as Record<string, Raw>
  const byKey = new Map(Object.entries(schema).map(([name, field]) => [fileKeyOf(field), name]))
  const unknown = Object.keys(input).filter(key => !byKey.has(key))
  if (unknown.length > 0)
    throw new MeshError(
      unknown.map(key => ({
        message: `${file}: spec.${key} is not a known key`,
        hints: [`known keys: ${[...byKey.keys()].join(', ')}`],
      })),
      exitCodes.usage,
    )
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [byKey.get(key)!, value])) as RawSpec<S>
}

interface Document {
  apiVersion?: unknown
  kind?: unknown
  spec?: unknown
}

function parse(content: string, file: string): Document {
  let document: unknown
  try {
    document = loadTexts(content)
  } catch (error) {
    throw usageError(`${file}: ${messageOf(error).split('\n')[0]}`)
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw usageError(`${file} does not contain a YAML object`)
  const {spec} = document as Document
  if (spec !== undefined && (typeof spec !== 'object' || spec === null || Array.isArray(spec)))
    throw usageError(`${file}: spec must be a map`)
  return document
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readText(file)
  } catch (error) {
    throw usageError(messageOf(error))
  }
}
