import {createHmac, randomBytes} from 'node:crypto'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/** Replaces a secret value by a text that is equal only for equal values. */
export type Masker = (value: string) => string

/**
 * Creates a masker whose hashes are comparable only with each other. The key is random and never stored, so that a printed
 * hash cannot confirm a guessed value.
 *
 * @param key set only in tests
 */
export function createMasker(key: Buffer = randomBytes(32)): Masker {
  return value => `*** (hash ${createHmac('sha256', key).update(value).digest('hex').slice(0, 8)})`
}

/** Whether an object is a Secret of the core API group. */
export function isSecret(object: {kind: string; apiVersion: string}): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1'
}

/** A copy of a Secret with masked values. Other objects are returned unchanged. */
export function maskSecret(object: KubernetesObject, mask: Masker): KubernetesObject {
  if (!isSecret(object)) return object
  const masked = {...object}
  for (const field of ['data', 'stringData'] as const) {
    const values = object[field] as Record<string, string> | undefined
    if (values)
      masked[field] = Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, value ? mask(value) : value]),
      )
  }
  return masked
}
