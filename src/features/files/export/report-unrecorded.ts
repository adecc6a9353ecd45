import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {ReadCluster} from './read-live.ts'

/** Returns what is not exported: records that prove nothing, and control planes that were set up by other means. */
export function adoptionLines(clusters: readonly Pick<ReadCluster, 'context' | 'records' | 'istiods' | 'untrusted'>[]) {
  const untrusted = untrustedLines(clusters)
  const unknown = clusters.flatMap(({context, records, istiods}) =>
    istiods
      .filter(({metadata: {namespace}}) => !records.some(record => record.metadata.namespace === namespace))
      .map(istiod => ({context, istiod})),
  )
  if (unknown.length === 0) return untrusted
  const contexts = [...new Set(unknown.map(({context}) => context))]
  const joined = contexts.length > 1 ? contexts : [contexts[0]!, 'OTHER']
  return [
    ...untrusted,
    ...unknown.map(({context, istiod}) => `${context}: ${nameOf(istiod)} has no record of kubectl-mesh; not exported`),
    `hint:  to adopt a set-up made by hand, run its command once, such as: kubectl mesh federate --contexts ${shellWord(joined.join(','))} --dry-run=server`,
  ]
}

/** Returns a warning for each cluster with records that prove nothing. */
export function untrustedLines(clusters: readonly Pick<ReadCluster, 'context' | 'untrusted'>[]): string[] {
  return clusters.flatMap(({context, untrusted: names}) =>
    names.length > 0
      ? [`warning: ${context}: ignored records in namespaces that are not system namespaces: ${names.join(', ')}`]
      : [],
  )
}

function nameOf({metadata: {namespace, labels}}: KubernetesObject): string {
  const revision = labels?.[revisionLabel] ?? 'default'
  return revision === 'default' ? `istiod in ${namespace}` : `istiod in ${namespace}, revision ${revision},`
}
