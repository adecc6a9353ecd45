import {messageOf, usageError} from '../../errors.ts'
import type {UserEntry} from './entries.ts'

type AuthProvider = NonNullable<UserEntry['authProvider']>

/**
 * Returns a function that reads the Authorization header from an auth provider (OIDC, …).
 *
 * The providers are those of client-node, which is large and therefore loads on the first call.
 *
 * @throws MeshError (exit 2), from the returned function, if the provider fails
 */
export function authProviderSource(
  provider: AuthProvider,
  server: string,
  context: string,
): () => Promise<string | undefined> {
  let config: ReturnType<typeof loadConfig> | undefined
  return async () => {
    config ??= loadConfig(provider, server, context)
    const options: {headers?: Record<string, string | undefined>} = {}
    try {
      await (await config).applyToHTTPSOptions(options)
    } catch (error) {
      throw usageError(`context "${context}": auth provider "${provider.name}": ${messageOf(error)}`)
    }
    return options.headers?.Authorization
  }
}

async function loadConfig(authProvider: AuthProvider, server: string, name: string) {
  const {KubeConfig} = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [{name, server, skipTLSVerify: true}],
    users: [{name, authProvider}],
    contexts: [{name, cluster: name, user: name}],
    currentContext: name,
  })
  return config
}
