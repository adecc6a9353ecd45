import {peerAnnotation} from '../../../engine/kubernetes/labels.ts'
import {nameOf, refOf} from '../../../engine/kubernetes/object.ts'
import type {ReportedFinding} from '../../../findings/check.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readRemoteRecord} from '../../../mesh/record.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'
import {credentialsIn} from '../../../mesh/remote-secrets.ts'
import {parseImports} from '../../../mesh/services/parse-import.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import {someOf} from '../../../text/count.ts'
import {shellWord} from '../../../text/shell-word.ts'

/** Number of references that a finding names for each cluster. */
const maxNamed = 4

/**
 * Returns a warning for each cluster that did not answer and that the others still refer to, with the command that removes
 * it everywhere if it no longer exists.
 *
 * @param lost the clusters that did not answer
 * @param members the clusters that did
 * @param systemNamespace of all clusters
 */
export function lostClusterFindings(
  lost: readonly MeshMember[],
  members: readonly MeshMember[],
  systemNamespace: string,
): ReportedFinding[] {
  return lost.flatMap((member): ReportedFinding[] => {
    const found = members.map(holder => ({holder, texts: referencesTo(member.cluster, holder)}))
    const holders = found.filter(({texts}) => texts.length > 0)
    if (holders.length === 0) return []
    const renamed = clusterNameFrom(member.context) !== member.cluster
    const flags = [
      ...['--contexts', member.context, '--from', members.map(({context}) => context).join(',')],
      ...(renamed ? ['--cluster-name', `${member.context}=${member.cluster}`] : []),
      ...['--unreachable-ok', ...(systemNamespace === 'istio-system' ? [] : ['--system-namespace', systemNamespace])],
    ]
    return [
      {
        level: 'warning',
        check: 'lost-cluster',
        cluster: member.cluster,
        message: `does not answer; still referred to by ${holders.map(({holder, texts}) => `${holder.cluster} (${someOf(texts, maxNamed)})`).join('; ')}`,
        hints: [`if the cluster no longer exists: kubectl mesh federate remove ${flags.map(shellWord).join(' ')}`],
      },
    ]
  })
}

/** What a cluster has for another one: credentials in both directions, imports, and the role of its primary. */
function referencesTo(cluster: string, {facts}: MeshMember): string[] {
  if (!facts) return []
  const held = credentialsIn(facts).filter(({target}) => target === cluster)
  const tokens = facts.created.filter(
    object => object.metadata.annotations?.[peerAnnotation] === cluster && !held.some(({secret}) => secret === object),
  )
  const imports = parseImports(facts.imports).imports.filter(({imported}) => Object.hasOwn(imported.exporters, cluster))
  const objects = [...held.map(({secret}) => secret), ...tokens].map(object => nameOf(refOf(object)))
  return [
    ...(readRemoteRecord(facts.record)?.primary === cluster ? ['its primary'] : []),
    ...new Set(objects),
    ...imports.map(({imported}) => `import of ${imported.name}.${imported.namespace}`),
  ]
}

/**
 * Returns the clusters that did not answer under the names that the others have for them: by the API server in their
 * credentials.
 *
 * @param serverOf the API server of a context in the kubeconfig
 */
export function withKnownNames(
  all: readonly MeshMember[],
  serverOf: (context: string) => string | undefined,
): MeshMember[] {
  const known = all.flatMap(({facts}) => (facts ? credentialsIn(facts) : []))
  return all.map(member => {
    const server = member.facts ? undefined : serverOf(member.context)
    const found = known.find(({kubeconfig}) => server !== undefined && accessIn(kubeconfig)?.server === server)
    const isTaken = all.some(({cluster}) => cluster === found?.target)
    return found && !isTaken ? {...member, cluster: found.target} : member
  })
}
