import {refusedError, usageError} from '../../errors.ts'
import type {UserEntry} from './entries.ts'

type AuthProvider = NonNullable<UserEntry['authProvider']>

/** The settings of the provider `oidc` that kubectl reads (client-go, plugin/pkg/client/auth/oidc). */
const oidcSettings = [
  'idp-issuer-url',
  'client-id',
  'client-secret',
  'id-token',
  'refresh-token',
  'idp-certificate-authority',
  'idp-certificate-authority-data',
]

/** Providers that kubectl had until 1.25, and the credential plugin that replaces each. */
const removedProviders: Readonly<Record<string, string>> = {
  gcp: 'use the credential plugin gke-gcloud-auth-plugin (gcloud container clusters get-credentials configures it)',
  azure: 'use the credential plugin kubelogin (kubelogin convert-kubeconfig configures it)',
}

/**
 * Returns a function that reads the Authorization header from the auth provider `oidc`, the only one that kubectl still
 * has. client-node implements it. It is large and therefore loads on the first call.
 *
 * Threat: client-node also implements providers that run a program or shell command (`gcp`, `azure`, `exec`, and any
 * provider with the setting `exec`) or read any file (`tokenFile`). They are unreachable here: another name is an error,
 * and only the settings of OIDC are passed on.
 *
 * @throws MeshError (exit 2) for an unknown provider or a missing setting; (exit 3), from the returned function, if no
 *   token is available. The provider's own errors quote tokens, so they are neither quoted nor attached as a cause.
 */
export function authProviderSource(
  {name, config}: AuthProvider,
  server: string,
  context: string,
): () => Promise<string | undefined> {
  const where = `context "${context}": auth provider "${name}"`
  if (name !== 'oidc') {
    const replacement = Object.hasOwn(removedProviders, name) ? removedProviders[name] : undefined
    throw usageError(
      `${where} is not supported; kubectl supports only "oidc"`,
      replacement ?? 'use a credential plugin (users[].user.exec), a token or a client certificate',
    )
  }
  for (const required of ['idp-issuer-url', 'client-id']) {
    if (!config[required]) throw usageError(`${where} does not set ${required}`)
  }
  const settings = Object.fromEntries(oidcSettings.flatMap(key => (config[key] ? [[key, config[key]]] : [])))
  let loaded: ReturnType<typeof loadConfig> | undefined
  return async () => {
    loaded ??= loadConfig(settings, server, context)
    const options: {headers?: Record<string, string | undefined>} = {}
    const failure = await (await loaded).applyToHTTPSOptions(options).then(
      () => undefined,
      error => describeFailure(error),
    )
    const authorization = options.headers?.Authorization
    if (failure !== undefined || authorization === undefined) {
      throw refusedError(
        `${where} has no valid ID token and cannot renew it: ${failure ?? 'no refresh token is set'}`,
        'log in to the identity provider again',
      )
    }
    return authorization
  }
}

async function loadConfig(config: Record<string, string>, server: string, name: string) {
  const {KubeConfig} = await import('@kubernetes/client-node')
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromOptions({
    clusters: [{name, server, skipTLSVerify: true}],
    users: [{name, authProvider: {name: 'oidc', config}}],
    contexts: [{name, cluster: name, user: name}],
    currentContext: name,
  })
  return kubeConfig
}

/** Names an error by its code, because its message may quote a token. */
function describeFailure(error: unknown): string {
  const codes = [error, (error as {cause?: unknown} | undefined)?.cause].map(
    value => (value as {code?: unknown} | null | undefined)?.code,
  )
  const code = codes.findLast(value => typeof value === 'string' && /^[A-Z][A-Z_]{2,50}$/.test(value))
  return code === undefined ? 'the identity provider or the stored token is not usable' : `error ${String(code)}`
}
