import type {PodSeen} from './read.ts'

/** One command a namespace; pods that nobody makes again are to be deleted by hand. */
export function restartHints(pods: readonly PodSeen[]): string[] {
  return [...Map.groupBy(pods, ({namespace}) => namespace)].flatMap(([namespace, group]) => {
    const owners = new Set<string>()
    const alone: string[] = []
    for (const {name, owner} of group) {
      const kind = owner && {Deployment: 'deploy', StatefulSet: 'statefulset', DaemonSet: 'daemonset'}[owner.kind]
      if (kind) owners.add(`${kind}/${owner.name}`)
      else alone.push(name)
    }
    return [
      ...(owners.size > 0 ? [`kubectl -n ${namespace} rollout restart ${[...owners].sort().join(' ')}`] : []),
      ...(alone.length > 0 ? [`make anew in ${namespace}: ${alone.sort().join(', ')}`] : []),
    ]
  })
}
