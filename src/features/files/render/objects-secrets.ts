import {multiClusterLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject, ObjectRef} from '../../../engine/kubernetes/object.ts'
import type {Step} from '../../../engine/plan/plan.ts'
import type {PlannedObject} from '../../../terminal/output/objects.ts'
import {isMap} from '../../../text/json.ts'
import {externalSecretOf, type StoredFor} from './objects-external.ts'
import type {SecretChoice} from './spec-secrets.ts'

/** How a Secret is in Git. The comment of its file contains it. */
export interface CredentialOrigin {
  mode: 'external-secrets' | 'sops'
  /** UID and resourceVersion of the live Secret that was encrypted. */
  source?: string
}

/** Kubernetes fills in the token. */
const tokenType = 'kubernetes.io/service-account-token'

/**
 * Returns what is in Git for a Secret of a plan. With `sops`, it is the Secret in clear text, which is encrypted before it is written.
 *
 * Threats:
 * - A Secret with a token of an account is never in Git: an engine would create a discarded one again, and its token would be valid again.
 * - Nor is `cacerts`, whose key signs all workload certificates: an engine would bring back a CA that was replaced.
 *
 * @param object of the step
 * @returns undefined if it stays outside of Git, or if the cluster does not have it yet
 */
export function credentialOf(
  {wave, object}: PlannedObject,
  {change, verdict, live}: Step,
  stored: StoredFor,
  secrets: SecretChoice,
): (PlannedObject & {credential: CredentialOrigin}) | undefined {
  const isOutside = change.action !== 'apply' || change.stays === true || object.type === tokenType
  if (secrets.mode === 'none' || isOutside) return undefined
  if (secrets.mode === 'external-secrets') {
    const external = externalSecretOf(object, stored, secrets.store)
    return external && {wave, object: external, credential: {mode: 'external-secrets'}}
  }
  const {uid, resourceVersion} = live?.metadata ?? {}
  // What an apply would change is not live yet.
  if (verdict !== 'unchanged' || uid === undefined || resourceVersion === undefined) return undefined
  return {wave, object, credential: {mode: 'sops', source: `${uid}/${resourceVersion}`}}
}

/** Returns the origin in the comment of an earlier render; undefined if it is none. */
export function readCredentialOrigin(value: unknown): CredentialOrigin | undefined {
  if (!isMap(value) || (value.mode !== 'external-secrets' && value.mode !== 'sops')) return undefined
  const {mode, source} = value
  return {mode, ...(typeof source === 'string' ? {source} : {})}
}

/** Returns the Secret that an object of a render stands for. An ExternalSecret has the name of its Secret. */
export function secretRefOf({metadata: {name, namespace}}: KubernetesObject): ObjectRef {
  return {apiVersion: 'v1', kind: 'Secret', name, ...(namespace === undefined ? {} : {namespace})}
}

/** Returns the clusters that the remote Secret behind an object of a render registers; none for other objects. */
export function registeredBy({metadata, data, spec}: KubernetesObject): string[] {
  const target = isMap(spec) && isMap(spec.target) ? spec.target : {}
  const template = isMap(target.template) ? target.template : {metadata, data}
  const {labels} = isMap(template.metadata) ? template.metadata : {}
  const isRemote = isMap(labels) && labels[multiClusterLabel] === 'true'
  return isRemote && isMap(template.data) ? Object.keys(template.data) : []
}
