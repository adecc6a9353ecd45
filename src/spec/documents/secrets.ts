import {isMap} from '../../text/json.ts'

/** A secret in a text. `what` names its kind, never its value. */
export interface FoundSecret {
  line: number
  column: number
  what: string
}

const patterns: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  // A JSON Web Token, as Kubernetes issues for service accounts: header and payload are JSON objects (RFC 7519).
  ['a token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/],
  // OpenSSH and PKCS#8 keys in Base64, as kubeconfigs and Secrets contain them.
  ['a private key in Base64', /\bLS0tLS1CRUdJTi[A-Za-z0-9+/]{24,}={0,2}/],
]

/**
 * Returns the lines of a text that contain a private key or a token, also in comments. Certificates are no secrets.
 *
 * Threat: mesh files are kept in Git, where everybody who can read the repository reads them, and history keeps them.
 */
export function findSecrets(text: string): FoundSecret[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, at) => {
    const found = patterns.flatMap(([what, pattern]) => {
      const match = pattern.exec(line)
      return match && isSecret(what, match[0]) ? [{line: at + 1, column: match.index + 1, what}] : []
    })
    return found.slice(0, 1)
  })
}

/** Returns the first secret in the texts of a value, also in keys of maps. */
export function findSecretIn(value: unknown): FoundSecret | undefined {
  return textsIn(value).flatMap(findSecrets).at(0)
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  return isMap(value) ? Object.entries(value).flatMap(([key, one]) => [key, ...textsIn(one)]) : []
}

/** The Base64 of a certificate begins like that of a key. */
function isSecret(what: string, text: string): boolean {
  return !what.endsWith('Base64') || /PRIVATE KEY/.test(Buffer.from(text.slice(0, 80), 'base64').toString('latin1'))
}
