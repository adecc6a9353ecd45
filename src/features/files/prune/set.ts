import {usageError} from '../../../errors.ts'
import {dnsName} from '../../../spec/texts.ts'
import type {AppliedDocument} from '../kind.ts'
import {meshSetKind} from './spec.ts'

/** A named set of mesh files. */
export interface MeshSet {
  name: string
  /** Further contexts in which its documents may be. */
  contexts: readonly string[]
}

/** The documents of files, in the order in which they are applied, and the set that they are. */
export interface MeshFiles {
  documents: AppliedDocument[]
  set: MeshSet | undefined
}

/**
 * Separates the document that names the set from the others.
 *
 * @param documents with at most one such document
 * @param name `--name`, which takes precedence
 * @throws MeshError (exit 2) for an invalid name
 */
export function splitSet(documents: readonly AppliedDocument[], name: string | undefined): MeshFiles {
  if (name === '') throw usageError('--name is empty', 'omit it to use the name of the MeshSet document in the files')
  const problem = name === undefined ? undefined : dnsName(name)
  if (problem !== undefined) throw usageError(`--name ${name} ${problem}`)
  const isSet = ({kind}: AppliedDocument) => kind.kind === meshSetKind
  const {name: named, contexts = []} = (documents.find(isSet)?.spec ?? {}) as Partial<MeshSet>
  const chosen = name ?? named
  return {
    documents: documents.filter(document => !isSet(document)),
    set: chosen === undefined ? undefined : {name: chosen, contexts},
  }
}
