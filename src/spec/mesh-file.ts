import {meshFileVersion} from './documents/kind.ts'
import {parseSource} from './documents/parse.ts'
import {documentError} from './documents/problem.ts'
import {readInput} from './documents/read-input.ts'
import {readSource} from './documents/sources.ts'
import type {Raw, Schema} from './field.ts'
import type {RawSpec} from './read.ts'

/** The input of a command in a mesh file. */
export interface MeshFile<S extends Schema> {
  /** By field name, not validated. */
  raw: RawSpec<S>
  /** `spec.context`, which `--context` overrides. */
  context: string | undefined
}

/**
 * Reads a mesh file for one command: one YAML document with apiVersion, kind, metadata and a `spec` whose keys are the flags in
 * camel case.
 *
 * @param file path, `-` for stdin; undefined yields an empty input
 * @throws MeshError (exit 2) if the file cannot be read, is not a mesh file of this kind, or has unknown keys
 */
export async function readMeshFile<S extends Schema>(
  kind: string,
  schema: S,
  file: string | undefined,
): Promise<MeshFile<S>> {
  if (file === undefined) return {raw: {}, context: undefined}
  const source = await readSource(file)
  const {documents, problems} = parseSource(source)
  if (problems.length > 0) throw documentError(problems)
  const other = documents.find(document => document.kind !== kind)
  if (other) {
    const message = `is not a ${kind} of ${meshFileVersion}`
    throw documentError([{file: source.file, ...other.yaml.positionOf(['kind']), message, hints: [applyHint]}])
  }
  if (documents.length > 1) {
    const message = 'a second document; this command reads a single document'
    throw documentError([{file: source.file, ...documents[1]!.yaml.start, message, hints: [applyHint]}])
  }
  const {raw, context, problems: unknown} = readInput(documents[0]!, schema)
  if (unknown.length > 0) throw documentError(unknown)
  return {raw: raw as Record<string, Raw> as RawSpec<S>, context}
}

const applyHint = 'kubectl mesh validate -f checks files with documents of any kind'
