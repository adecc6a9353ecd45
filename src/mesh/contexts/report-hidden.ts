import type {Kubeconfig} from '../../engine/kubeconfig/kubeconfig.ts'
import {parseContextReference} from '../../spec/context-ref.ts'
import {shellWord} from '../../text/shell-word.ts'

/** How a context is shown to users: a reference to a file by its chosen name. */
export function shownContext(context: string): string {
  return parseContextReference(context)?.name ?? context
}

/**
 * Explains contexts that another kubeconfig file hides, with the command that renames each.
 *
 * @param references the contexts as `contextsOf` returns them
 */
export function hiddenContextLines(references: readonly string[], {contexts}: Pick<Kubeconfig, 'contexts'>): string[] {
  return references.flatMap(text => {
    const reference = contexts.has(text) ? undefined : parseContextReference(text)
    if (!reference) return []
    const {name, file, context} = reference
    const rename = ['kubectl', '--kubeconfig', file, 'config', 'rename-context', context, name].map(shellWord).join(' ')
    return [
      `! ${name} is context ${context} in ${file}; another file of KUBECONFIG has a context of this name`,
      `  hint: ${rename}`,
    ]
  })
}
