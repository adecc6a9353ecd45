import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Finding} from '../../../findings/check.ts'
import {namespaceLabelsOf, waypointOf} from '../../../istio/ambient.ts'
import {count} from '../../../text/count.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {AttachCheck} from '../checks-policies.ts'
import {podsOfTarget} from '../istio-target.ts'
import type {AuthzFacts} from '../read.ts'
import {enforcementOf, revisionOf, revisionsOf} from './istio.ts'

/**
 * The findings about pods for which no proxy enforces a policy: an error if that applies to all of them.
 *
 * @param what names the pods: `workload/web`
 */
export function enforcementFindings(
  what: string,
  selected: readonly KubernetesObject[],
  {namespaces}: Pick<AuthzFacts, 'namespaces'>,
): Finding[] {
  const {pods, proxied, ambient, plain} = enforcementOf(selected, namespaces)
  const level = proxied.length === 0 ? ('error' as const) : ('warning' as const)
  const findings: Finding[] = []
  if (plain.length > 0)
    findings.push({
      level,
      message: `${what}: ${shareOf(plain, pods)} no proxy, so requests to them reach no authorizer`,
      hints: [`enable injection in namespace ${plain[0]!.metadata.namespace}, then restart the pods`],
    })
  if (ambient.length > 0)
    findings.push({
      level,
      message: `${what}: ${shareOf(ambient, pods)} only ztunnel (ambient mode), which calls no external authorizer`,
      hints: [waypointHint(ambient[0]!, namespaces)],
    })
  return findings
}

/** `2 of 3 pods have`. */
function shareOf(some: readonly KubernetesObject[], all: readonly KubernetesObject[]): string {
  return `${some.length} of ${count(all.length, 'pod')} ${some.length === 1 ? 'has' : 'have'}`
}

function waypointHint(pod: KubernetesObject, namespaces: readonly KubernetesObject[]): string {
  const waypoint = waypointOf(pod, namespaceLabelsOf(pod, namespaces))
  const {namespace = ''} = pod.metadata
  return waypoint === undefined
    ? `istioctl waypoint apply -n ${namespace} --enroll-namespace, then attach the authorizer to it: -n ${namespace} --to gateway/waypoint`
    : `attach the authorizer to the waypoint of the pods: -n ${shellWord(waypoint.namespace)} --to gateway/${shellWord(waypoint.name)}`
}

/** Without a proxy, requests pass although the policy exists. */
export const targetEnforces: AttachCheck = {
  id: 'proxies',
  about: 'the pods of the target have a proxy that calls the authorizer',
  run: ({spec, target, facts}) => {
    const what = spec.to ? `${spec.to.kind}/${spec.to.name}` : `namespace ${target.namespace}`
    return enforcementFindings(what, podsOfTarget(target, facts), facts)
  },
}

/** Every revision reads the policy, and denies all requests if its mesh config lacks the provider. */
export const targetRevisions: AttachCheck = {
  id: 'revisions',
  about: 'the revisions of the target pods have the provider',
  run: ({spec, target, facts}) => {
    if (spec.via === 'envoy-filter') return []
    const pods = podsOfTarget(target, facts)
    const own = spec.revision ?? 'default'
    return revisionsOf(pods, facts.tags)
      .filter(revision => revision !== own && !facts.otherRevisions.get(revision)?.includes(spec.name))
      .map(revision => {
        const message = `${runs(pods, revision, facts)} revision ${revision}, not ${own}`
        if (!facts.otherRevisions.has(revision))
          return {
            level: revisionsOf(pods, facts.tags).includes(own) ? ('warning' as const) : ('error' as const),
            message: `${message}; namespace ${spec.systemNamespace} has no istiod of revision ${revision}`,
            hints: [`--revision ${shellWord(revision)}, with --system-namespace of its istiod`],
          }
        if (spec.via === 'mesh-config')
          return {level: 'warning' as const, message: `${message}; the provider is added to the mesh config of both`}
        return {
          message: `${message}; without the provider in its mesh config, that revision would deny all requests`,
          hints: [`add the provider there first: the same command with --revision ${shellWord(revision)}`],
        }
      })
  },
}

/**
 * The findings about pods of other revisions than the requested one, to whose proxies a policy applies.
 *
 * @param what names the policy
 */
export function revisionFindings(
  what: string,
  name: string,
  pods: readonly KubernetesObject[],
  facts: Pick<AuthzFacts, 'revision' | 'tags' | 'otherRevisions'>,
): Finding[] {
  const own = facts.revision ?? 'default'
  return revisionsOf(pods, facts.tags)
    .filter(revision => revision !== own && !facts.otherRevisions.get(revision)?.includes(name))
    .map(revision => {
      const message = `${what}: ${runs(pods, revision, facts)} revision ${revision}`
      if (!facts.otherRevisions.has(revision))
        return {
          level: 'warning',
          message: `${message}, whose istiod is in another namespace and was not checked`,
          hints: [
            `kubectl mesh authz verify ${shellWord(name)} --revision ${shellWord(revision)} --system-namespace NS`,
          ],
        }
      return {
        message: `${message}, whose mesh config has no authorizer ${name}: all requests to them are denied`,
        hints: [attachHint(name, revision)],
      }
    })
}

/** The command that adds an authorizer to a revision. Its settings are stored. */
export function attachHint(name: string, revision: string): string {
  return `kubectl mesh authz attach ${shellWord(name)}${revision === 'default' ? '' : ` --revision ${shellWord(revision)}`}`
}

/** `2 of 3 pods run`. */
function runs(pods: readonly KubernetesObject[], revision: string, {tags}: Pick<AuthzFacts, 'tags'>): string {
  const number = pods.filter(pod => revisionOf(pod, tags) === revision).length
  return `${number} of ${count(pods.length, 'pod')} ${number === 1 ? 'runs' : 'run'}`
}
