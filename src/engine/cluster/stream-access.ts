import type {KubeConfig} from '@kubernetes/client-node'
import type {Credential} from '../kubeconfig/credentials.ts'

/** How client-node's streams reach and authenticate to an API server. */
export interface StreamAccess {
  context: string
  server: string
  /** PEM of the certificate authority. */
  ca: string | undefined
  tlsServerName: string | undefined
  insecure: boolean
  /** User to impersonate. client-node's streams cannot impersonate groups. */
  as: string | undefined
  credential: () => Promise<Credential>
}

/** Returns the access in client-node's form, with the current credential. */
export async function streamConfig(access: StreamAccess): Promise<KubeConfig> {
  const {KubeConfig} = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [{name: 'cluster', ...clusterOptions(access)}],
    users: [{name: 'user', ...userOptions(await access.credential(), access.as)}],
    contexts: [{name: 'context', cluster: 'cluster', user: 'user'}],
    currentContext: 'context',
  })
  return config
}

function clusterOptions({server, insecure, ca, tlsServerName}: StreamAccess) {
  return {
    server,
    skipTLSVerify: insecure,
    ...(ca === undefined ? {} : {caData: base64(ca)}),
    ...(tlsServerName === undefined ? {} : {tlsServerName}),
  }
}

function userOptions({authorization, cert, key}: Credential, impersonateUser: string | undefined) {
  return {
    ...loginOptions(authorization),
    ...(cert === undefined ? {} : {certData: base64(cert)}),
    ...(key === undefined ? {} : {keyData: base64(key)}),
    ...(impersonateUser === undefined ? {} : {impersonateUser}),
  }
}

/** Splits an Authorization header, since client-node takes a token or a user with a password. */
function loginOptions(authorization: string | undefined): {token?: string; username?: string; password?: string} {
  const [scheme, value = ''] = authorization?.split(' ', 2) ?? []
  if (scheme === 'Bearer') return {token: value}
  if (scheme !== 'Basic') return {}
  const [username = '', ...password] = Buffer.from(value, 'base64').toString('utf8').split(':')
  return {username, password: password.join(':')}
}

function base64(data: string | Buffer): string {
  return Buffer.from(data).toString('base64')
}
