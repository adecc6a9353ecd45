import {createHash} from 'node:crypto'
import {waves} from '../../../engine/kubernetes/waves.ts'

const maxNameLength = 253

/** Returns whether Kubernetes accepts a name of an object: a DNS subdomain (RFC 1123), whose labels may be longer than in DNS. */
export function isObjectName(text: string): boolean {
  return text.length <= maxNameLength && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)
}

/**
 * Returns a valid name of an object for any text, different names for different texts. A text that is valid and short enough stays.
 *
 * Threat: names of clusters come from kubeconfigs and istiods, and may contain anything.
 */
export function objectNameOf(text: string, maxLength: number): string {
  if (text.length <= maxLength && isObjectName(text)) return text
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8)
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxLength - hash.length - 1)
    .replace(/^-+|-+$/g, '')
  return plain === '' ? hash : `${plain}-${hash}`
}

/**
 * Returns the beginning of the names of an engine's objects. It depends on the folder: with the same names, an engine would delete what
 * it has applied from another one.
 *
 * @param gitPath path of the folder in the repository; '' for its root
 * @param cluster undefined for an object for all clusters
 */
export function engineNameOf(gitPath: string, cluster: string | undefined, maxLength: number): string {
  const parts = [gitPath === '' ? 'mesh' : gitPath, ...(cluster === undefined ? [] : [cluster])]
  const isUnique = parts.every(part => !part.includes('.'))
  return objectNameOf(isUnique ? parts.join('.') : JSON.stringify(parts), maxLength)
}

/** Returns the name of a wave: `30-control-plane`. */
export function waveNameOf(wave: number): string {
  const [name = 'objects'] = Object.entries(waves).find(([, number]) => number === wave) ?? []
  return `${wave}-${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}
