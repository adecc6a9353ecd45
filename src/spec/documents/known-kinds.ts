import type {Problem} from '../../errors.ts'
import type {DocumentKind, DocumentKinds} from './kind.ts'
import {nearestOf} from './parse.ts'

/** Returns the kind of a name. Undefined for a name that is not known. */
export async function kindNamed<K extends DocumentKind>(kinds: DocumentKinds<K>, name: string): Promise<K | undefined> {
  return Object.hasOwn(kinds, name) ? kinds[name]!() : undefined
}

/** Returns the problem of a kind that is not known. */
export function unknownKind(name: string, kinds: DocumentKinds): Problem {
  const known = Object.keys(kinds)
  const nearest = nearestOf(name, known)
  return {
    message: `kind ${name.slice(0, 100)} is not known`,
    hints: [...(nearest === undefined ? [] : [`did you mean ${nearest}?`]), `kinds: ${known.join(', ')}`],
  }
}
