import type {MeshDocument} from './document.ts'
import {type DocumentProblem, placeOf} from './problem.ts'

/** Returns a problem for each document that has the name of an earlier one, or defines an object that an earlier one defines. */
export function duplicateProblems(documents: readonly MeshDocument[]): DocumentProblem[] {
  const owners = new Map<string, MeshDocument>()
  return documents.flatMap(document => {
    const problems = claimsOf(document).flatMap(({key, what}) => {
      const owner = owners.get(key)
      if (!owner) owners.set(key, document)
      return owner && owner !== document ? [problemFor(document, owner, what)] : []
    })
    return problems.slice(0, 1)
  })
}

/** Objects in different namespaces, and documents for different clusters, may have the same name. */
function claimsOf({kind, name, context, spec}: MeshDocument): {key: string; what: string}[] {
  const where = context === undefined ? '' : ` in ${context === '' ? 'the current context' : `context ${context}`}`
  const cluster = context ?? ''
  return [
    {
      key: JSON.stringify([kind.kind, cluster, 'name', name, spec.namespace, spec.contexts]),
      what: `${kind.kind} ${name}${where}`,
    },
    ...kind.claims(spec).map(claim => ({
      key: JSON.stringify([kind.kind, cluster, 'claim', claim]),
      what: `${claim}${where}`,
    })),
  ]
}

function problemFor({file, line, column}: MeshDocument, owner: MeshDocument, what: string): DocumentProblem {
  return {
    file,
    line,
    column,
    message: `${what} is defined twice`,
    hints: [`the other document: ${placeOf(owner)}`, 'merge the documents, or set different names'],
  }
}
