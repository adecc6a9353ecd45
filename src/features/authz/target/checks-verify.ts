import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {policyTitle, providerOf} from '../istio.ts'
import {podsOfTarget} from '../istio-target.ts'
import {attachHint, enforcementFindings, revisionFindings} from './checks.ts'
import {revisionsOf} from './istio.ts'
import {podsOfPolicies, policiesOf, type VerifyCheck, type VerifySubject} from './subject.ts'

/** A revision does not read objects with the label of another one. After a canary upgrade, they have no effect. */
export const objectsRead: VerifyCheck = {
  id: 'read',
  about: 'the istiod of the revision reads the policies of the authorizer',
  run: subject => {
    const {spec, facts, isOurs} = subject
    const revision = facts.revision ?? 'default'
    return facts.unread
      .filter(object => providerOf(object) === spec.name || isOurs(object))
      .map(object => ({
        message: `${objectTitle(object)} is labelled istio.io/rev=${object.metadata.labels?.[revisionLabel]}; revision ${revision} does not read it, and does not protect its workloads`,
        hints: [
          isOurs(object)
            ? `${attachHint(spec.name, revision)} removes the label`
            : `kubectl -n ${object.metadata.namespace} label ${object.kind.toLowerCase()} ${object.metadata.name} istio.io/rev-`,
        ],
      }))
  },
}

/** An object in messages: `AuthorizationPolicy shop/ext`. */
function objectTitle({kind, metadata}: KubernetesObject): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`
}

/** The policies and the filter of the authorizer, each with the pods to which it applies. */
function targetsOf(subject: VerifySubject): {what: string; pods: KubernetesObject[]}[] {
  const {filter, facts} = subject
  const policies = policiesOf(subject).map(policy => ({
    what: policyTitle(policy),
    pods: podsOfPolicies([policy], subject),
  }))
  if (!filter) return policies
  const {workloadSelector} = filter.spec as {workloadSelector?: {labels?: Record<string, string>}}
  const target = {namespace: filter.metadata.namespace ?? '', labels: workloadSelector?.labels ?? {}, isGateway: false}
  return [...policies, {what: objectTitle(filter), pods: podsOfTarget(target, facts)}]
}

/** Without a proxy, requests pass although the policy exists. */
export const targetsEnforce: VerifyCheck = {
  id: 'proxies',
  about: 'the pods of every policy have a proxy that calls the authorizer',
  run: subject => targetsOf(subject).flatMap(({what, pods}) => enforcementFindings(what, pods, subject.facts)),
}

/** Other revisions in the system namespace read the same policies, and deny every request without the provider. */
export const revisionsComplete: VerifyCheck = {
  id: 'revisions',
  about: 'the other revisions of the control plane have the authorizer too',
  run: subject => {
    const {spec, facts} = subject
    const running = policiesOf(subject).flatMap(policy =>
      revisionFindings(policyTitle(policy), spec.name, podsOfPolicies([policy], subject), facts),
    )
    const used = revisionsOf(podsOfPolicies(policiesOf(subject), subject), facts.tags)
    const later = [...facts.otherRevisions]
      .filter(([revision, names]) => !used.includes(revision) && !names.includes(spec.name))
      .map(([revision]) => ({
        level: 'warning' as const,
        message: `the mesh config of revision ${revision} has no authorizer ${spec.name}: workloads that move to it would deny all requests`,
        hints: [attachHint(spec.name, revision)],
      }))
    return [...running, ...later]
  },
}
