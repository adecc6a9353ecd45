import {chmod, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {dump, load, loadAll} from 'js-yaml'
import {vi} from 'vitest'
import type {AnyObject, Api} from '../servers/api.ts'
import {openApi} from '../servers/api.ts'

/** How to connect to a cluster: the CA and a client certificate, as base64 of PEM, or a token. */
export interface Login {
  server: string
  ca: string
  cert: string
  key: string
  token?: string
}

/** A cluster with inventories of other clusters. */
export interface Inventory {
  api: Api
  /** A kubeconfig with the context `mgmt` only. */
  kubeconfig: string
  /** How to connect to the other clusters. */
  logins: Record<string, Login>
  /** Creates a ClusterProfile with the provider `files`. */
  profile(namespace: string, name: string, labels: Record<string, string>, more?: object): Promise<void>
  /** Creates a kubeconfig Secret of Cluster API. */
  capi(namespace: string, name: string, user?: object): Promise<void>
  /** Creates a cluster Secret of Argo CD. */
  argocd(namespace: string, name: string, config?: unknown): Promise<void>
}

interface Kubeconfig {
  clusters: {name: string; cluster: {server: string; 'certificate-authority-data': string}}[]
  users: {name: string; user: {'client-certificate-data'?: string; 'client-key-data'?: string; token?: string}}[]
  contexts: {name: string; context: {cluster: string; user: string}}[]
}

const profiles = '/apis/multicluster.x-k8s.io/v1alpha1'

/**
 * Installs the definition of ClusterProfiles in one of the clusters.
 *
 * @param all kubeconfig with all clusters
 * @param home context of this cluster
 * @param folder for the kubeconfig that has only the context `mgmt`
 */
export async function openInventory(all: string, home: string, folder: string): Promise<Inventory> {
  const api = await openApi(all, home)
  const fixture = join(import.meta.dirname, '..', '..', 'fixtures', 'cluster-inventory', 'clusterprofiles.yaml')
  for (const object of loadAll(await readFile(fixture, 'utf8')) as AnyObject[]) await api.apply(object)
  // A new definition is not served at once: first 404, then 429.
  await vi.waitUntil(async () => (await api.get(`${profiles}/clusterprofiles`).catch(() => undefined)) !== undefined, {
    timeout: 60_000,
  })
  const config = load(await readFile(all, 'utf8')) as Kubeconfig
  const logins = Object.fromEntries(config.contexts.map(({name}) => [name, loginOf(config, name)]))
  const kubeconfig = join(folder, 'mgmt.yaml')
  const {context} = config.contexts.find(({name}) => name === home)!
  await writeFile(kubeconfig, dump({...config, contexts: [{name: 'mgmt', context}]}), {mode: 0o600})
  const secret = (namespace: string, name: string, values: Record<string, string>, more: object) =>
    api.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, btoa(value)])),
      ...more,
      metadata: {name, namespace, ...(more as {metadata?: object}).metadata},
    })
  return {
    api,
    kubeconfig,
    logins,
    profile: (namespace, name, labels, more = {}) => createProfile(api, logins, {namespace, name, labels, more}),
    capi: async (namespace, name, user) => {
      const value = dump(kubeconfigOf(logins[name] ?? logins.east!, name, user))
      const labels = {'cluster.x-k8s.io/cluster-name': name}
      await secret(namespace, `${name}-kubeconfig`, {value}, {type: 'cluster.x-k8s.io/secret', metadata: {labels}})
    },
    argocd: async (namespace, name, config) => {
      const login = logins[name] ?? logins.east!
      const own = config ?? {tlsClientConfig: {caData: login.ca, certData: login.cert, keyData: login.key}}
      const text = typeof own === 'string' ? own : JSON.stringify(own)
      const labels = {'argocd.argoproj.io/secret-type': 'cluster'}
      await secret(namespace, `cluster-${name}`, {name, server: login.server, config: text}, {metadata: {labels}})
    },
  }
}

function loginOf({clusters, users, contexts}: Kubeconfig, name: string): Login {
  const {cluster: inCluster, user: asUser} = contexts.find(one => one.name === name)!.context
  const {cluster} = clusters.find(one => one.name === inCluster)!
  const {user} = users.find(one => one.name === asUser)!
  return {
    server: cluster.server,
    ca: cluster['certificate-authority-data'],
    cert: user['client-certificate-data'] ?? '',
    key: user['client-key-data'] ?? '',
    ...(user.token === undefined ? {} : {token: user.token}),
  }
}

/** The kubeconfig that Cluster API stores. */
function kubeconfigOf({server, ca, cert, key}: Login, name: string, user?: object) {
  const login = {'client-certificate-data': cert, 'client-key-data': key}
  const [admin, context] = [`${name}-admin`, `${name}-admin@${name}`]
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    clusters: [{name, cluster: {server, 'certificate-authority-data': ca}}],
    users: [{name: admin, user: user ?? login}],
    contexts: [{name: context, context: {cluster: name, user: admin}}],
  }
}

interface ProfileInput {
  namespace: string
  name: string
  labels: Record<string, string>
  more: object
}

async function createProfile(
  api: Api,
  logins: Record<string, Login>,
  {namespace, name, labels, more}: ProfileInput,
): Promise<void> {
  const object = {apiVersion: 'multicluster.x-k8s.io/v1alpha1', kind: 'ClusterProfile'}
  await api.apply({...object, metadata: {name, namespace, labels}, spec: {clusterManager: {name: 'test'}}})
  const {server, ca} = logins[name] ?? {server: `https://${name}.invalid:6443`, ca: logins.east!.ca}
  const cluster = {
    server,
    'certificate-authority-data': ca,
    extensions: [
      {name: 'client.authentication.k8s.io/exec', extension: {login: name}},
      {name: 'clusterprofiles.multicluster.x-k8s.io/exec/additional-envs', extension: {FLEET: name}},
    ],
  }
  const status = {accessProviders: [{name: 'files', cluster}], ...more}
  await api.apply({...object, metadata: {name, namespace}, status}, 'status')
}

/**
 * Writes an access-provider file with a credential plugin, which returns the credential that a profile refers to and logs
 * each of its runs.
 *
 * @param policies of the provider
 * @returns the paths of the file and of the log
 */
export async function writeProviders(
  folder: string,
  logins: Record<string, Login>,
  policies: object = {},
): Promise<{file: string; log: string}> {
  const [plugin, store, log, file] = ['plugin', 'logins.json', 'log', 'providers.json'].map(name => join(folder, name))
  await writeFile(store!, JSON.stringify(logins), {mode: 0o600})
  await writeFile(log!, '')
  await writeFile(plugin!, `#!${process.execPath}\n${program(store!, log!)}`)
  await chmod(plugin!, 0o700)
  const execConfig = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: './plugin',
    args: ['own'],
    provideClusterInfo: true,
  }
  await writeFile(file!, JSON.stringify({providers: [{name: 'files', execConfig, ...policies}]}))
  return {file: file!, log: log!}
}

function program(store: string, log: string): string {
  return `
const {appendFileSync, readFileSync} = require('node:fs')
const {spec} = JSON.parse(process.env.KUBERNETES_EXEC_INFO)
const name = spec.cluster.config.login
appendFileSync(${JSON.stringify(log)}, [name, process.argv.slice(2).join('+'), process.env.FLEET ?? '-'].join(' ') + '\\n')
const {cert, key, token} = JSON.parse(readFileSync(${JSON.stringify(store)}, 'utf8'))[name]
const text = base64 => Buffer.from(base64, 'base64').toString()
const status = token ? {token} : {clientCertificateData: text(cert), clientKeyData: text(key)}
console.log(JSON.stringify({apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status}))
`
}
