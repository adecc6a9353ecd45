import {X509Certificate} from 'node:crypto'
import {validateHeaderValue} from 'node:http'
import {createSecureContext} from 'node:tls'
import type {MeshError} from '../../errors.ts'
import type {Credential} from './leases.ts'

// Without these checks, the first request fails with an error of OpenSSL or of the HTTP parser, which names neither the context
// nor the field. No message quotes a value.

/** The parts of a credential that no request can use. */
type Part = 'token' | 'certificate'

/**
 * Returns a credential that requests can use.
 *
 * @param errorOf returns the error for a part that none can
 * @throws what `errorOf` returns
 */
export function usableCredential(credential: Credential, errorOf: (part: Part) => MeshError): Credential {
  const {authorization, cert, key} = credential
  if (authorization !== undefined && !isHeaderValue(authorization)) throw errorOf('token')
  if (cert !== undefined && !isKeyPair(cert, key)) throw errorOf('certificate')
  return credential
}

/** Returns whether a header can have a value: line breaks, NUL and characters above U+00FF are not possible. */
export function isHeaderValue(value: string): boolean {
  try {
    validateHeaderValue('x', value)
    return true
  } catch {
    return false
  }
}

/** Returns whether a text begins with a certificate in PEM. OpenSSL ignores anything else in a certificate authority. */
export function isCertificate(pem: Buffer): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

function isKeyPair(cert: Buffer | string, key: Buffer | string | undefined): boolean {
  try {
    createSecureContext({cert, ...(key === undefined ? {} : {key})})
    return true
  } catch {
    return false
  }
}
