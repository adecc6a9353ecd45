import type {Kubeconfig} from '../../../engine/kubeconfig/kubeconfig.ts'
import {joinedContexts} from '../../../mesh/contexts/links.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {shellWord} from '../../../text/shell-word.ts'

/**
 * Returns a warning for clusters that are joined with clusters of the run, and for which neither the sources nor the kubeconfig has a
 * context. They stay joined: an inventory that is incomplete for a moment must not tear a mesh apart.
 *
 * @param all the clusters of the run
 * @param sources as the user typed them; without any, the clusters do not come from an inventory
 */
export function goneWarning(
  all: readonly MeshMember[],
  kubeconfig: Kubeconfig,
  sources: readonly string[] | undefined,
  command: string,
): string[] {
  if (!sources || sources.length === 0) return []
  const own = new Set(all.map(({cluster}) => cluster))
  const missing = all.flatMap(({facts, cluster}) => joinedContexts(facts, cluster, kubeconfig).missing)
  const gone = [...new Set(missing)].filter(name => !own.has(name)).sort()
  if (gone.length === 0) return []
  const it = gone.length === 1 ? 'it' : 'them'
  const remove = command.replace(/ mesh federate\b/, ' mesh federate remove')
  const staying = shellWord(all.map(({context}) => context).join(','))
  return [
    `warning: ${gone.join(', ')} ${gone.length === 1 ? 'is a member' : 'are members'} of the mesh, but not in ${sources.join(', ')}; nothing is removed`,
    `hint:    to remove ${it}: ${remove} --contexts ${gone.map(shellWord).join(',')} --from ${staying} --unreachable-ok`,
  ]
}
