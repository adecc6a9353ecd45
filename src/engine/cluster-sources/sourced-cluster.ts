import {refusedError} from '../../errors.ts'
import {apiServerUrl} from '../../spec/texts.ts'
import {isMap} from '../../text/json.ts'
import type {ClusterEntry, UserEntry} from '../kubeconfig/entries.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'

/** A cluster that a source describes, as entries of a kubeconfig. */
export interface SourcedCluster {
  /** Name of its context. */
  name: string
  /** Labels of the object that describes it. */
  labels: Readonly<Record<string, string>>
  cluster: ClusterEntry
  user: UserEntry
}

/** A user without credentials. */
export const noUser: UserEntry = {
  clientCertificate: '',
  clientCertificateData: undefined,
  clientKey: '',
  clientKeyData: undefined,
  token: '',
  tokenFile: '',
  username: '',
  password: '',
  as: '',
  asUid: '',
  asGroups: [],
  asUserExtra: {},
  exec: undefined,
  authProvider: undefined,
}

/**
 * Validates the cluster of an object, whoever wrote the object, and returns it.
 *
 * Threat: whoever may write one object of the source chooses its content. The name becomes a context: a word of printed command
 * lines, a folder of `--output-dir`, an element of lists that are separated by commas. Paths would read files of this machine, and
 * a server without https would be trusted without a proof.
 *
 * @param at where the object is, for the message
 * @throws MeshError (exit 3). It quotes no credential.
 */
export function checkedCluster(found: SourcedCluster, at: string): SourcedCluster {
  const {name, cluster} = found
  if (!/^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,252}$/.test(name))
    throw refusedError(
      `${at}: ${JSON.stringify(name.slice(0, 100))} cannot be the name of a context`,
      'allowed: letters, digits and . _ : @ / - after a letter or digit, at most 253 characters',
    )
  if (apiServerUrl(cluster.server) !== undefined)
    throw refusedError(`${at}: the server is not an https URL (https://HOST:PORT)`, 'correct the object')
  const {token, username, clientCertificateData, exec} = found.user
  if (!token && !username && !clientCertificateData && !exec)
    throw refusedError(`${at}: contains no credential`, 'store a token or a client certificate in the object')
  if (cluster.certificateAuthority !== '') throw fileRefused('certificate-authority', at)
  return found
}

/** The hint for a Secret that names a program. */
export const insteadOfProgram =
  'store a token or a client certificate, or describe the cluster by a ClusterProfile with --access-providers'

/** The error for a field that refers to a file. */
export function fileRefused(field: string, at: string) {
  return refusedError(
    `${at}: ${field} refers to a file; only data in the object itself is used`,
    `store the content in the object: ${field === 'tokenFile' ? 'token' : `${field}-data`}`,
  )
}

/**
 * Returns a value of a Secret as text; '' if it is missing.
 *
 * @throws MeshError (exit 3) if the API server did not send base64
 */
export function secretText({data}: KubernetesObject, key: string, at: string): string {
  const value = isMap(data) && Object.hasOwn(data, key) ? data[key] : ''
  if (typeof value !== 'string') throw refusedError(`${at}: ${key} is not a string`)
  return Buffer.from(value, 'base64').toString('utf8')
}

/** The labels of an object. */
export function labelsOf({metadata}: KubernetesObject): Record<string, string> {
  const entries = Object.entries(metadata.labels ?? {}).filter(([, value]) => typeof value === 'string')
  return Object.assign(Object.create(null), Object.fromEntries(entries))
}
