import {readFile} from 'node:fs/promises'
import {text} from 'node:stream/consumers'
import {exitCodes, MeshError, messageOf, usageError} from '../errors.ts'
import {loadTexts} from '../text/yaml.ts'
import {fileKeyOf, type Raw, type Schema} from './field.ts'
import type {RawSpec} from './read.ts'

/** Version of the mesh file format. */
export const meshFileVersion = 'kubectl-mesh.io/v1alpha1'

/**
 * Reads a mesh file (`-f FILE`, `-` is stdin): one YAML document with apiVersion, kind and a `spec` whose keys are the
 * flags in camel case. Gives what it says, unchecked; nothing for no file.
 *
 * Throws MeshError (exit 2) for a file that can't be read, is no mesh file of this kind, or has keys nobody knows.
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
      `it begins with  apiVersion: ${meshFileVersion}  and  kind: ${kind}`,
    )
  const said = (document.spec ?? {}) as Record<string, Raw>
  const byKey = new Map(Object.entries(schema).map(([name, field]) => [fileKeyOf(field), name]))
  const strange = Object.keys(said).filter(key => !byKey.has(key))
  if (strange.length > 0)
    throw new MeshError(
      strange.map(key => ({
        message: `${file}: spec.${key} is not known`,
        hints: [`known: ${[...byKey.keys()].join(', ')}`],
      })),
      exitCodes.usage,
    )
  return Object.fromEntries(Object.entries(said).map(([key, value]) => [byKey.get(key)!, value])) as RawSpec<S>
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
    throw usageError(`${file} holds no YAML object`)
  const {spec} = document as Document
  if (spec !== undefined && (typeof spec !== 'object' || spec === null || Array.isArray(spec)))
    throw usageError(`${file}: spec is not a map`)
  return document
}

async function contentOf(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw usageError(messageOf(error))
  }
}
