import {isDeepStrictEqual} from 'node:util'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {isMap} from '../../../text/json.ts'

const secretFields = ['data', 'stringData'] as const

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

/** sops leaves empty texts as they are. */
function isEncrypted(before: unknown, after: unknown): boolean {
  return before === '' ? after === '' : typeof after === 'string' && /^ENC\[[^\]]+\]$/.test(after)
}

function withoutSecrets(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !secretFields.some(field => field === key)))
}

/** Returns whether all values of a Secret of a file are encrypted. */
export function isSealed(object: KubernetesObject): boolean {
  const values = secretFields.flatMap(field => (isMap(object[field]) ? Object.values(object[field]) : []))
  return isMap(object.sops) && values.every(value => value === '' || isEncrypted(undefined, value))
}
