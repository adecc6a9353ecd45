import {isDeepStrictEqual} from 'node:util'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {isMap} from '../../../text/json.ts'

const secretFields = ['data', 'stringData'] as const

/** As sops writes a value (sops 3.13, aes/cipher.go). */
const encryptedValue =
  /^ENC\[AES256_GCM,data:[A-Za-z0-9+/=]*,iv:[A-Za-z0-9+/=]+,tag:[A-Za-z0-9+/=]+,type:(str|int|float|bool|bytes|comment)\]$/

/** Fields of the metadata of sops with keys that need no network. */
const localServices: readonly string[] = ['age', 'pgp']

const shortestValue = 8
const longWords = /[\w.+/=-]{20,}/g

/**
 * Returns why an output of sops must not be in Git in the place of a Secret; undefined if only its values are encrypted.
 *
 * Threat: rules in `.sops.yaml` or another version of sops may encrypt other values than the ones that were asked for.
 *
 * @param clear the Secret that was encrypted
 */
export function sealProblem(clear: KubernetesObject, output: unknown): string | undefined {
  if (!isMap(output) || !isMap(output.sops)) return 'it contains no metadata of sops'
  const {sops: _, ...sealed} = output
  for (const field of secretFields) {
    const [before, after] = [clear[field] ?? {}, sealed[field] ?? {}]
    if (!isMap(before) || !isMap(after) || !isDeepStrictEqual(Object.keys(before).sort(), Object.keys(after).sort()))
      return `${field} has other keys`
    const open = Object.keys(before).filter(key => !isEncrypted(before[key], after[key]))
    if (open.length > 0) return `${field}.${open[0]} is not encrypted`
  }
  return isDeepStrictEqual(withoutSecrets(sealed), withoutSecrets(clear))
    ? undefined
    : 'fields beside data are not as they were'
}

/**
 * Returns why the text of an output of sops must not be in Git although its object is encrypted: a value of the Secret in a comment or in
 * the metadata. sops writes no comments.
 *
 * @param clear the Secret that was encrypted
 */
export function clearTextProblem(clear: KubernetesObject, text: string): string | undefined {
  const lines = text.split(/\r\n|\n|\r/)
  if (lines.some(line => line.trimStart().startsWith('#'))) return 'it contains comments'
  return hasClearText(clear, text) ? 'it contains a value in clear text' : undefined
}

/** Returns whether a text contains a value of a Secret, or a long word of one, such as a token in a kubeconfig. */
export function hasClearText(clear: KubernetesObject, text: string): boolean {
  const fields = secretFields.flatMap(field => (isMap(clear[field]) ? Object.entries(clear[field]) : []))
  const parts = fields.flatMap(([, value]) => (typeof value === 'string' ? clearParts(value) : []))
  // The name of a cluster is in its kubeconfig, and in the metadata.
  const open = JSON.stringify([withoutSecrets(clear), fields.map(([key]) => key)])
  return parts.some(part => text.includes(part) && !open.includes(part))
}

/** A value as it is and decoded, and the long words in it. Short ones also occur by accident. */
function clearParts(value: string): string[] {
  const decoded = Buffer.from(value, 'base64').toString('utf8').trim()
  return [value, decoded].filter(part => part.length >= shortestValue).concat(decoded.match(longWords) ?? [])
}

/** Returns whether the keys of a sealed Secret are local ones. For others, sops connects to the servers that the file names. */
export function hasLocalKeys({sops}: KubernetesObject): boolean {
  const services = isMap(sops)
    ? Object.entries(sops).filter(([, value]) => Array.isArray(value) && value.length > 0)
    : []
  return services.length > 0 && services.every(([name]) => localServices.includes(name))
}

/** sops leaves empty texts as they are. */
function isEncrypted(before: unknown, after: unknown): boolean {
  return before === '' ? after === '' : typeof after === 'string' && encryptedValue.test(after)
}

function withoutSecrets(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !secretFields.some(field => field === key)))
}

/** Returns whether all values of a Secret of a file are encrypted. */
export function isSealed(object: KubernetesObject): boolean {
  const values = secretFields.flatMap(field => (isMap(object[field]) ? Object.values(object[field]) : []))
  return isMap(object.sops) && values.every(value => value === '' || isEncrypted(undefined, value))
}
