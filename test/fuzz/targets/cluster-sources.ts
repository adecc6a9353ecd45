import fc from 'fast-check'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {parseAccessProviders} from '../../../src/engine/cluster-sources/access-providers.ts'
import {argocdCluster} from '../../../src/engine/cluster-sources/argocd.ts'
import {capiCluster} from '../../../src/engine/cluster-sources/capi.ts'
import {profileCluster} from '../../../src/engine/cluster-sources/cluster-profile.ts'
import {withSourced} from '../../../src/engine/cluster-sources/merge.ts'
import {parseClusterSource} from '../../../src/engine/cluster-sources/source.ts'
import type {SourcedCluster} from '../../../src/engine/cluster-sources/sourced-cluster.ts'
import {type Kubeconfig, loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {kubeconfigOf} from '../../engine/cluster-sources/samples.ts'
import {mutated} from '../mutate.ts'
import {accepted, must, mustBePrintable} from '../oracle.ts'
import {defineTarget} from '../target.ts'

const execConfig = {apiVersion: 'client.authentication.k8s.io/v1', command: '/opt/plugin', args: ['own']}
const policies = {profileSourcedCLIArgsPolicy: 'Append', profileSourcedEnvVarsPolicy: 'Replace'}
const file = JSON.stringify({providers: [{name: 'a', execConfig, ...policies}]})
const providers = parseAccessProviders(file, 'providers.json')
const envKey = 'clusterprofiles.multicluster.x-k8s.io/exec/additional-envs'
const cluster = {
  server: 'https://a:1',
  'proxy-url': 'http://p',
  extensions: [{name: envKey, extension: {FLEET: 'a'}}],
}
const argocd = {
  bearerToken: 'abc',
  tlsClientConfig: {insecure: true, serverName: 'b', caData: ''},
  execProviderConfig: null,
  proxyUrl: '',
}
const samples = fc.constantFrom(
  kubeconfigOf({token: 'abc'}),
  kubeconfigOf({exec: execConfig}),
  kubeconfigOf({tokenFile: '/etc/passwd', 'client-key': 'key'}),
  JSON.stringify(argocd),
  JSON.stringify({status: {accessProviders: [{name: 'a', cluster}], credentialProviders: [{name: 'a'}]}}),
  file,
  'capi://mgmt/fleet?env in (a, b)',
)
const at = 'capi://mgmt/fleet: Secret x'
const empty: Kubeconfig = loadKubeconfig({env: {KUBECONFIG: '/nowhere/kubeconfig'}})

function secret(values: Record<string, string>): KubernetesObject {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  )
  return {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'x-kubeconfig'}, data}
}

function jsonOf(text: string): KubernetesObject {
  try {
    const value = JSON.parse(text)
    const status = typeof value === 'object' && value !== null ? value.status : value
    return {apiVersion: 'v1', kind: 'ClusterProfile', metadata: {name: 'x'}, status}
  } catch {
    return {apiVersion: 'v1', kind: 'ClusterProfile', metadata: {name: 'x'}}
  }
}

/** No program and no file that an object names may have an effect. */
async function check(found: SourcedCluster | undefined): Promise<void> {
  if (!found) return
  const {user, cluster: entry, name} = found
  const files = [user.tokenFile, user.clientCertificate, user.clientKey, entry.certificateAuthority]
  must(
    files.every(path => path === ''),
    'an object names a file',
    found,
  )
  must(user.authProvider === undefined, 'an object names an auth provider', found)
  must(user.exec === undefined || user.exec.command === '/opt/plugin', 'an object names a program', found)
  must(!user.exec?.env.some(one => /^(PATH|LD_PRELOAD)$/.test(one.name)), 'a variable loads code', found)
  must(entry.server.startsWith('https://'), 'a server without https', found)
  mustBePrintable(name)
  const source = parseClusterSource('capi://mgmt/fleet')!
  const merged = withSourced(empty, [{...found, source, origin: 'x'}])
  const connected = await accepted(() => connectCluster(merged, name, {fieldManager: 'fuzz', requestTimeout: 1}))
  connected?.close()
}

/** What sources of clusters contain, and access-provider files, up to the first request. */
export const target = defineTarget({
  input: mutated(samples, [
    'exec',
    '"tokenFile":"/etc/x",',
    '{',
    '[',
    'https://',
    'http://',
    '\\u0000',
    'LD_PRELOAD',
    '://',
    '\u001b',
  ]),
  async check(text) {
    await check(await accepted(() => capiCluster(secret({value: text}), at)))
    await check(await accepted(() => argocdCluster(secret({name: 'x', server: 'https://a', config: text}), at)))
    await check(
      await accepted(() => argocdCluster(secret({name: text, server: text, config: JSON.stringify(argocd)}), at)),
    )
    await check(await accepted(() => profileCluster(jsonOf(text), providers, at)))
    await accepted(() => parseAccessProviders(text, 'providers.json'))
    const source = parseClusterSource(text)
    if (source) mustBePrintable(source.context + source.selector)
  },
})
