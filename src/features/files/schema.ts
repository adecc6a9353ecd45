import {type ExitCode, exitCodes, usageError} from '../../errors.ts'
import type {DocumentKinds} from '../../spec/documents/kind.ts'
import {kindNamed, unknownKind} from '../../spec/documents/known-kinds.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {formatSchema, schemaOf, schemaOfAll} from './report-schema.ts'

/**
 * Prints the JSON Schema of a kind of mesh files.
 *
 * @param kind undefined for a document of any kind
 * @throws MeshError (exit 2) for an unknown kind
 */
export async function printSchema(
  kind: string | undefined,
  kinds: DocumentKinds,
  terminal: Terminal,
): Promise<ExitCode> {
  if (kind === undefined) {
    const all = await Promise.all(Object.values(kinds).map(load => load()))
    terminal.print(formatSchema(schemaOfAll(all)))
    return exitCodes.ok
  }
  const found = await kindNamed(kinds, kind)
  if (!found) {
    const {message, hints = []} = unknownKind(kind, kinds)
    throw usageError(message, ...hints)
  }
  terminal.print(formatSchema(schemaOf(found)))
  return exitCodes.ok
}
