import {createHmac, randomBytes} from 'node:crypto'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/** Turns a secret value into something that shows a difference and nothing else. */
export type Masker = (value: string) => string

/**
 * A masker whose hashes compare within one run only: the key is made here and forgotten, so that a printed hash can't be
 * used to try out values. A test may give the key.
 */
export function createMasker(key: Buffer = randomBytes(32)): Masker {
  return value => `*** (hash ${createHmac('sha256', key).update(value).digest('hex').slice(0, 8)})`
}

/** Whether an object holds secrets. */
export function isSecret(object: {kind: string; apiVersion: string}): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1'
}

/** A copy in which every value of a Secret is masked; other objects come back as they are. */
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
