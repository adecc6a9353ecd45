import type {Right} from '../../engine/kubernetes/access-rules.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../findings/check.ts'
import {minorOf} from '../../istio/control-plane.ts'
import {appliesTo, policySpecOf, policyTitle, providerOf, refusedFields} from './istio.ts'
import {podsOfTarget, type ResolvedTarget} from './istio-target.ts'
import {buildPolicy} from './objects.ts'
import type {AuthzFacts} from './read.ts'
import type {CompleteAuthz} from './spec.ts'

/** What `mesh authz attach` checks. */
export interface AttachSubject {
  spec: CompleteAuthz
  facts: AuthzFacts
  /** Full host of the service. */
  host: string
  target: ResolvedTarget
  /** Permissions that the user lacks. */
  denied: readonly Right[]
  /** Whether our record lists an object, or version 0.1.0 seems to have created it. */
  isOurs: (object: KubernetesObject) => boolean
}

/** A check before an authorizer is attached. */
export type AttachCheck = Check<AttachSubject>

/** The policy that this run creates or changes, if it exists already. */
function livePolicy({spec, facts, target}: AttachSubject): KubernetesObject | undefined {
  return facts.allPolicies.find(({metadata}) => metadata.name === spec.name && metadata.namespace === target.namespace)
}

/** A provider or a policy of another owner must not be replaced. */
export const nameAvailable: AttachCheck = {
  id: 'name',
  about: 'the name is available, or belongs to this authorizer',
  run: subject => {
    const {spec, facts, target, isOurs} = subject
    const hints = ['choose another name']
    const isOtherProvider =
      facts.providerNames.includes(spec.name) && !facts.providers.some(({name}) => name === spec.name)
    const policy = livePolicy(subject)
    const isOtherPolicy =
      spec.via !== 'envoy-filter' && policy !== undefined && !isOurs(policy) && policySpecOf(policy).action !== 'CUSTOM'
    const findings: Finding[] = []
    if (isOtherProvider)
      findings.push({message: `provider ${spec.name} of the mesh config is not an external authorizer`, hints})
    if (isOtherPolicy)
      findings.push({
        message: `AuthorizationPolicy ${target.namespace}/${spec.name} exists and does not use an external authorizer`,
        hints,
      })
    return findings
  },
}

/** istiod denies every request to a workload with two providers, unless it is configured to accept them. */
export const oneProvider: AttachCheck = {
  id: 'one-provider',
  about: 'the workloads have no other external authorizer',
  run: ({spec, facts, target}) => {
    if (spec.via === 'envoy-filter') return []
    const pods = podsOfTarget(target, facts)
    return competingPolicies(spec, pods.length > 0 ? pods : [expectedPod(target)], facts).map(policy => ({
      message: `${policyTitle(policy)} applies provider ${providerOf(policy)} to the same workloads: istiod would deny all requests`,
      hints: [
        'detach that authorizer first, or with Istio 1.30 or newer set PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS=true on istiod',
      ],
    }))
  },
}

/** A pod as the target will select it, for targets without pods. */
function expectedPod({namespace, labels}: ResolvedTarget): KubernetesObject {
  return {apiVersion: 'v1', kind: 'Pod', metadata: {name: '', namespace, labels}}
}

/**
 * The policies that apply another provider to some of the pods, if istiod denies requests for that. Istio 1.30 and newer
 * accepts several providers with PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS.
 *
 * @param spec name of the provider, and the root namespace unless the mesh config sets one
 */
export function competingPolicies(
  spec: {name: string; systemNamespace: string},
  pods: readonly KubernetesObject[],
  facts: AuthzFacts,
): KubernetesObject[] {
  const {controlPlane, env} = facts.controlPlane
  const acceptsSeveral =
    (minorOf(controlPlane?.version) ?? 0) >= 1030 && env.PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS === 'true'
  if (acceptsSeveral) return []
  const rootNamespace = facts.mesh.rootNamespace ?? spec.systemNamespace
  return facts.policies.filter(
    policy => providerOf(policy) !== spec.name && pods.some(pod => appliesTo(policy, pod, rootNamespace)),
  )
}

/** Fields of an existing policy stay after the apply, and istiod rejects the whole policy for one of them. */
export const fieldsAllowed: AttachCheck = {
  id: 'fields',
  about: 'the policy has only fields that istiod accepts with an external authorizer',
  run: subject => {
    const {spec, host, target} = subject
    const requested = buildPolicy({cluster: '', spec, host, target, isTenant: false}).object
    const live = livePolicy(subject)
    const fields = new Set([requested, ...(live ? [live] : [])].flatMap(refusedFields))
    return [...fields].map(field => ({
      ...refusedField(requested, field),
      hints: [
        'istiod calls the authorizer before it knows the identity of the client; use a separate policy for this field',
      ],
    }))
  },
}

/** The finding for a field that istiod rejects. */
export function refusedField(policy: KubernetesObject, field: string): Finding {
  return {message: `${policyTitle(policy)}: field ${field} cannot be used with an external authorizer`}
}

/** A changed provider affects every policy that uses it. */
export const providerNotShared: AttachCheck = {
  id: 'users',
  about: 'no other policy uses a provider that changes',
  run: ({spec, facts, host, isOurs}) => {
    const live = facts.providers.find(({name}) => name === spec.name)
    const {port} = spec.service
    if (!live || (live.service === host && live.port === port && live.type === spec.type)) return []
    return facts.policies
      .filter(policy => providerOf(policy) === spec.name && !isOurs(policy))
      .map(policy => ({
        level: 'warning',
        message: `${policyTitle(policy)} also uses provider ${spec.name}, which changes from ${live.service}:${live.port} to ${host}:${port}`,
      }))
  },
}
