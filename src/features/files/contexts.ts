import {contextNames, hasContext, type Kubeconfig} from '../../engine/kubeconfig/kubeconfig.ts'
import {duplicateProblems} from '../../spec/documents/claims.ts'
import {type DocumentProblem, documentError} from '../../spec/documents/problem.ts'
import {closest} from '../../text/suggest.ts'
import type {AppliedDocument} from './kind.ts'
import {contextsOfDocument} from './order.ts'

/**
 * Checks that the contexts of all documents exist, before a cluster is read.
 *
 * @throws MeshError (exit 2) that lists each missing one with its file, line and column
 */
export function requireContexts(documents: readonly AppliedDocument[], kubeconfig: Kubeconfig): void {
  const problems = documents.flatMap(document =>
    contextsOfDocument(document)
      .filter(context => !hasContext(kubeconfig, context))
      .map(context => missingContext(document, context, kubeconfig)),
  )
  if (problems.length > 0) throw documentError(problems)
}

/**
 * Checks that no two documents define the same object. Documents that name no context are for the current one, which another document
 * may name.
 *
 * @throws MeshError (exit 2) that lists each repeated object with its file, line and column
 */
export function requireUnique(
  documents: readonly AppliedDocument[],
  {currentContext}: Pick<Kubeconfig, 'currentContext'>,
): void {
  const problems = duplicateProblems(
    documents.map(one => (one.context === '' ? {...one, context: currentContext} : one)),
  )
  if (problems.length > 0) throw documentError(problems)
}

function missingContext(document: AppliedDocument, context: string, kubeconfig: Kubeconfig): DocumentProblem {
  const {file, kind, name, positionOf} = document
  const key = document.context === undefined ? 'contexts' : 'context'
  const place = {file, ...positionOf(['spec', key])}
  if (context === '') {
    const hints = ['add spec.context, or set --context']
    return {...place, message: `${kind.kind} ${name} names no context, and the kubeconfig has no current one`, hints}
  }
  const nearest = closest(context, contextNames(kubeconfig))
  return {
    ...place,
    message: `context ${context} of ${kind.kind} ${name} is not in the kubeconfig`,
    hints: [nearest === undefined ? 'kubectl config get-contexts lists the contexts' : `did you mean ${nearest}?`],
  }
}
