import {createPrivateKey, X509Certificate} from 'node:crypto'
import {usageError} from '../errors.ts'
import {shellWord} from '../text/shell-word.ts'

/**
 * Returns the text of a PEM file.
 *
 * @param content `name` is how messages name it
 * @param expected what the file should contain, for the hint
 * @throws MeshError (exit 2) for DER and PKCS#12, with the command that converts the file
 */
export function pemOf({name, bytes}: {name: string; bytes: Buffer}, expected: 'certificate' | 'key'): string {
  // DER begins with the tag of a SEQUENCE.
  if (bytes[0] !== 0x30 || bytes.includes('-----BEGIN ')) return bytes.toString('utf8')
  throw usageError(`${name} is binary (DER); expected PEM`, conversionHint(name, bytes, expected))
}

function conversionHint(name: string, bytes: Buffer, expected: 'certificate' | 'key'): string {
  const [file, result] = [shellWord(name), shellWord(`${name}.pem`)]
  if (isDerCertificate(bytes)) return `openssl x509 -inform der -in ${file} -out ${result}`
  if (isDerKey(bytes)) return `(umask 077; openssl pkey -inform der -in ${file} -out ${result})`
  return expected === 'certificate'
    ? `if it is PKCS#12: openssl pkcs12 -nokeys -in ${file} -out ${result}`
    : `if it is PKCS#12: (umask 077; openssl pkcs12 -nocerts -nodes -in ${file} -out ${result})`
}

function isDerCertificate(bytes: Buffer): boolean {
  try {
    return new X509Certificate(bytes).raw.length > 0
  } catch {
    return false
  }
}

function isDerKey(bytes: Buffer): boolean {
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some(type => {
    try {
      createPrivateKey({key: bytes, format: 'der', type})
      return true
    } catch {
      return false
    }
  })
}
