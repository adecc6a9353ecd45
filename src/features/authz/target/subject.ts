import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check} from '../../../findings/check.ts'
import {appliesTo, type ExtAuthz, providerOf} from '../istio.ts'
import type {AuthzFacts} from '../read.ts'
import type {AuthorizerRef} from '../spec.ts'

/** What `mesh authz verify` checks. */
export interface VerifySubject {
  spec: AuthorizerRef & {clusterDomain: string}
  facts: AuthzFacts
  /** Undefined if neither the mesh config nor an EnvoyFilter contains the authorizer. */
  provider: ExtAuthz | undefined
  /** An EnvoyFilter that kubectl-mesh created and that contains the authorizer. */
  filter: KubernetesObject | undefined
  /** Objects with the label of the authorizer that our record does not list. */
  unrecorded: readonly KubernetesObject[]
  /** Whether the record lists an object, or version 0.1.0 seems to have created it. */
  isOurs: (object: KubernetesObject) => boolean
}

/** A check of `mesh authz verify`. */
export type VerifyCheck = Check<VerifySubject>

/** The policies that use the authorizer and that the revision reads. */
export function policiesOf({facts, spec}: VerifySubject): KubernetesObject[] {
  return facts.policies.filter(policy => providerOf(policy) === spec.name)
}

/** The pods to which one of the policies applies. */
export function podsOfPolicies(
  policies: readonly KubernetesObject[],
  {facts, spec}: VerifySubject,
): KubernetesObject[] {
  const rootNamespace = facts.mesh.rootNamespace ?? spec.systemNamespace
  return facts.pods.filter(pod => policies.some(policy => appliesTo(policy, pod, rootNamespace)))
}
