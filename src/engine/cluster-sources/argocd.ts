import {refusedError} from '../../errors.ts'
import {isMap, parseJson} from '../../text/json.ts'
import type {ClusterEntry, UserEntry} from '../kubeconfig/entries.ts'
import {below, data, flag, mapping, type Place, text} from '../kubeconfig/fields.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'
import {checkedCluster, insteadOfProgram, labelsOf, noUser, type SourcedCluster, secretText} from './sourced-cluster.ts'

/** Label of the Secrets that describe clusters (Argo CD, docs/operator-manual/declarative-setup.md, 3.5). */
export const argocdSelector = 'argocd.argoproj.io/secret-type=cluster'

/**
 * Returns the cluster of a cluster Secret of Argo CD. Its fields are those of `ClusterConfig` (Argo CD,
 * pkg/apis/application/v1alpha1/types.go, 3.5).
 *
 * Threat: `execProviderConfig` names a program, which whoever writes the Secret would choose. `awsAuthConfig` stands for a program
 * of Argo CD's image. Neither is run.
 *
 * @param at where the Secret is, for messages
 * @throws MeshError, which quotes no credential
 */
export function argocdCluster(secret: KubernetesObject, at: string): SourcedCluster {
  const config = parseJson(secretText(secret, 'config', at) || '{}')
  if (!isMap(config)) throw refusedError(`${at}: the key "config" is not a JSON object`, 'correct the Secret')
  for (const field of ['execProviderConfig', 'awsAuthConfig'])
    if (config[field] !== undefined && config[field] !== null)
      throw refusedError(
        `${at}: config sets ${field}, which stands for a program; programs that a Secret names are not run`,
        insteadOfProgram,
      )
  const server = secretText(secret, 'server', at).trim()
  if (/^https:\/\/kubernetes\.default(?:\.svc[.a-z0-9-]*)?(?=[:/]|$)/.test(server))
    throw refusedError(
      `${at}: the server is the cluster of Argo CD itself, as seen from inside (https://kubernetes.default.svc)`,
      'exclude the Secret with ?SELECTOR, and name a kubeconfig context of this cluster',
    )
  const place: Place = {file: at, path: 'config'}
  const name = secretText(secret, 'name', at).trim()
  return checkedCluster(
    {name, labels: labelsOf(secret), cluster: clusterOf(server, config, place), user: userOf(config, place)},
    at,
  )
}

function tlsOf(config: Record<string, unknown>, place: Place) {
  const at = below(place, 'tlsClientConfig')
  return {fields: mapping(config.tlsClientConfig, at), at}
}

function clusterOf(server: string, config: Record<string, unknown>, place: Place): ClusterEntry {
  const {fields, at} = tlsOf(config, place)
  return {
    server,
    tlsServerName: text(fields, 'serverName', at),
    insecureSkipTlsVerify: flag(fields, 'insecure', at),
    certificateAuthority: '',
    certificateAuthorityData: data(fields, 'caData', at),
    proxyUrl: text(config, 'proxyUrl', place),
    execConfig: undefined,
  }
}

function userOf(config: Record<string, unknown>, place: Place): UserEntry {
  const {fields, at} = tlsOf(config, place)
  return {
    ...noUser,
    token: text(config, 'bearerToken', place),
    username: text(config, 'username', place),
    password: text(config, 'password', place),
    clientCertificateData: data(fields, 'certData', at),
    clientKeyData: data(fields, 'keyData', at),
  }
}
