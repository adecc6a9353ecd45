import type {Position, YamlDocument} from '../../text/yaml-reading/documents.ts'
import type {DocumentKind} from './kind.ts'
import type {DocumentInput} from './read-input.ts'

/** A valid document of a mesh file. */
export interface MeshDocument<K extends DocumentKind = DocumentKind> extends DocumentInput, Position {
  kind: K
  /** `metadata.name`; otherwise the name that its kind derives. Unique among the documents of a kind for one cluster. */
  name: string
  /** The validated values. Fields that the document does not set have their defaults. */
  spec: Readonly<Record<string, unknown>>
  file: string
  /** Returns the position of a value: of `spec.context` for `['spec', 'context']`. */
  positionOf: YamlDocument['positionOf']
}
