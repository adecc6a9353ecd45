import {execFile} from 'node:child_process'
import {promisify} from 'node:util'

let shared: Promise<string> | undefined

/** A self-signed root certificate (PEM), the same for the whole process. */
export function rootCert(): Promise<string> {
  shared ??= makeRoot('shared')
  return shared
}

/** Creates a self-signed root certificate (PEM). */
export async function makeRoot(name: string): Promise<string> {
  return (await makeRootPair(name)).cert
}

/** Creates a self-signed root certificate with its key (PEM). */
export async function makeRootPair(name: string): Promise<{key: string; cert: string}> {
  const {stdout} = await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '10'],
    ...['-subj', `/O=${name}`, '-keyout', '-'],
  ])
  const at = stdout.indexOf('-----BEGIN CERTIFICATE-----')
  return {key: stdout.slice(0, at), cert: stdout.slice(at)}
}
