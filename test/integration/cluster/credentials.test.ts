import {execFileSync, spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {type ConnectOptions, connectCluster} from '../../../src/engine/cluster/connect.ts'
import {requestToken} from '../../../src/engine/cluster/tokens.ts'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {type FaultProxy, startFaultProxy} from '../../support/servers/fault-proxy.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {userInfoOf} from './connections.ts'
import {apiVersion, createPlugin} from './plugin.ts'

const servers = sharedServers()
const fieldManager = 'test'

const folder = mkdtempSync(join(tmpdir(), 'credentials-test-'))
let east: Cluster
let token: string
let server: object

beforeAll(async () => {
  if (!servers) return
  east = await connectCluster(loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}}), 'east', {fieldManager})
  server = {
    server: east.server,
    'certificate-authority-data': Buffer.from(east.certificateAuthority!).toString('base64'),
  }
  await east.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'credentials'}})
  await east.apply({apiVersion: 'v1', kind: 'ServiceAccount', metadata: {namespace: 'credentials', name: 'robot'}})
  const request = {namespace: 'credentials', serviceAccount: 'robot', durationSeconds: 3600}
  token = (await requestToken(east, request)).token
})
beforeEach(() => rmSync(join(folder, 'runs'), {force: true}))
afterAll(() => {
  east?.close()
  rmSync(folder, {recursive: true})
})

/** Writes a kubeconfig for the server with a user, for kubectl too. */
function write(user: object, cluster: object = server): string {
  const file = join(folder, 'config')
  writeFileSync(
    file,
    JSON.stringify({
      'current-context': 'prod/eu-1 y',
      clusters: [{name: 'c', cluster}],
      users: [{name: 'u', user}],
      contexts: [{name: 'prod/eu-1 y', context: {cluster: 'c', user: 'u'}}],
    }),
  )
  return file
}

async function connect(user: object, cluster?: object, options: Partial<ConnectOptions> = {}): Promise<Cluster> {
  const kubeconfig = loadKubeconfig({kubeconfig: write(user, cluster), env: {}})
  return connectCluster(kubeconfig, '', {fieldManager, ...options})
}

async function whoAmI(cluster: Cluster): Promise<string> {
  return (await userInfoOf(cluster)).username
}

async function whoAmIOnce(user: object, cluster?: object): Promise<string> {
  const connected = await connect(user, cluster)
  try {
    return await whoAmI(connected)
  } finally {
    connected.close()
  }
}

const robot = 'system:serviceaccount:credentials:robot'
const plugin = createPlugin(folder)

describe.skipIf(!servers)('tokens and certificates of a kubeconfig', () => {
  it('uses a token or a token file with the same precedence as kubectl', async () => {
    writeFileSync(join(folder, 'token'), `${token}\n`)
    expect(await whoAmIOnce({token})).toBe(robot)
    expect(await whoAmIOnce({tokenFile: 'token'})).toBe(robot)
    expect(await whoAmIOnce({tokenFile: 'token', token: 'wrong'})).toBe(robot)
    expect(await whoAmIOnce({tokenFile: 'no-such-file', token})).toBe(robot)
    for (const user of [
      {tokenFile: 'token', token: 'wrong'},
      {tokenFile: 'no-such-file', token},
    ]) {
      const whoami = ['--kubeconfig', write(user), 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}']
      expect(execFileSync('kubectl', whoami, {encoding: 'utf8'})).toBe(robot)
    }
    await expect(connect({tokenFile: 'no-such-file'}).then(cluster => whoAmI(cluster))).rejects.toMatchObject({exit: 2})
  })

  it('reads a token file again when the server rejects the token', async () => {
    writeFileSync(join(folder, 'token'), 'wrong')
    const cluster = await connect({tokenFile: 'token'})
    await expect(whoAmI(cluster)).rejects.toMatchObject({status: 401})
    writeFileSync(join(folder, 'token'), token)
    expect(await whoAmI(cluster)).toBe(robot)
    cluster.close()
  })

  it('reads client certificates from files', async () => {
    const kubeconfig = loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}})
    const {clientCertificateData, clientKeyData} = kubeconfig.users.get('east')!.value
    writeFileSync(join(folder, 'crt'), clientCertificateData!)
    writeFileSync(join(folder, 'key'), clientKeyData!)
    writeFileSync(join(folder, 'ca'), east.certificateAuthority!)
    const cluster = {server: east.server, 'certificate-authority': 'ca'}
    expect(await whoAmIOnce({'client-certificate': 'crt', 'client-key': 'key'}, cluster)).toBe(await whoAmI(east))
  })
})

describe.skipIf(!servers)('a credential plugin', () => {
  it('passes the same information to a plugin as kubectl', async () => {
    plugin.answer({token})
    const exec = {
      apiVersion,
      command: plugin.command,
      args: ['x'],
      env: [{name: 'EXTRA', value: 'extra'}],
      interactiveMode: 'IfAvailable',
      provideClusterInfo: true,
    }
    const cluster = {
      ...server,
      extensions: [{name: 'client.authentication.k8s.io/exec', extension: {audience: 'a', number: 12}}],
    }
    expect(await whoAmIOnce({exec}, cluster)).toBe(robot)
    spawnSync('kubectl', ['--kubeconfig', write({exec}, cluster), 'get', '--raw', '/version'], {stdio: 'ignore'})
    const [ours, kubectls] = plugin.runs()
    expect(ours!.slice(0, 6)).toBe('extra ')
    expect(JSON.parse(ours!.slice(6))).toEqual(JSON.parse(kubectls!.slice(6)))
    expect(JSON.parse(ours!.slice(6))).toMatchObject({kind: 'ExecCredential', spec: {interactive: false}})
  })

  it('runs a plugin once for many requests, and again when its token has expired', async () => {
    plugin.answer({token, expirationTimestamp: new Date(Date.now() + 3_600_000).toISOString()})
    const exec = {apiVersion, command: plugin.command, interactiveMode: 'Never'}
    const lasting = await connect({exec})
    await Promise.all(Array.from({length: 40}, () => whoAmI(lasting)))
    lasting.close()
    expect(plugin.runs()).toHaveLength(1)
    plugin.answer({token, expirationTimestamp: new Date(Date.now() - 1000).toISOString()})
    const expired = await connect({exec})
    await whoAmI(expired)
    await whoAmI(expired)
    expired.close()
    expect(plugin.runs()).toHaveLength(3)
  })

  it('runs a plugin again after 401, once for all rejected requests', async () => {
    plugin.answer({token: 'stale'})
    const cluster = await connect({exec: {apiVersion, command: plugin.command, interactiveMode: 'Never'}})
    await expect(whoAmI(cluster)).rejects.toMatchObject({status: 401})
    const before = plugin.runs().length
    plugin.answer({token})
    expect(new Set(await Promise.all(Array.from({length: 40}, () => whoAmI(cluster))))).toEqual(new Set([robot]))
    expect(plugin.runs()).toHaveLength(before + 1)
    cluster.close()
  })

  it('uses a client certificate from a plugin', async () => {
    const {clientCertificateData, clientKeyData} = loadKubeconfig({
      kubeconfig: servers!.kubeconfig,
      env: {},
    }).users.get('east')!.value
    plugin.answer({clientCertificateData: String(clientCertificateData), clientKeyData: String(clientKeyData)})
    expect(await whoAmIOnce({exec: {apiVersion, command: plugin.command, interactiveMode: 'Never'}})).toBe(
      await whoAmI(east),
    )
  })
})

describe.skipIf(!servers)('errors of a credential plugin', () => {
  it.each([
    [
      'is not installed',
      {command: 'no-such-plugin-of-ours', installHint: 'brew install it'},
      /"no-such-plugin-of-ours".*is not installed/,
    ],
    ['fails', {command: 'false'}, /failed with exit code 1/],
    ['prints invalid JSON', {command: 'echo', args: ['hunter2']}, /printed invalid JSON/],
    ['prints another object', {command: 'echo', args: ['{"kind":"Pod"}']}, /printed no ExecCredential/],
    [
      'returns no credential',
      {command: 'echo', args: [`{"kind":"ExecCredential","apiVersion":"${apiVersion}"}`]},
      /returned neither a token nor a client certificate/,
    ],
    ['requires a terminal', {command: 'true', interactiveMode: 'Always'}, /not a terminal/],
    ['has no interactiveMode', {command: 'true', interactiveMode: ''}, /must set interactiveMode/],
    ['has an unsupported version', {command: 'true', apiVersion: 'client.authentication.k8s.io/v1alpha1'}, /v1alpha1/],
  ])('reports a plugin that %s', async (_, exec, message) => {
    const error = await whoAmIOnce({exec: {apiVersion, interactiveMode: 'Never', ...exec}}).catch(error => error)
    expect(error).toMatchObject({name: 'MeshError', message: expect.stringMatching(message)})
    expect(error.message).toContain('prod/eu-1 y')
    expect(error.message).not.toContain('hunter2')
    if ('installHint' in exec) expect(error.problems[0].hints).toEqual(['brew install it'])
  })
})

describe.skipIf(!servers)('other credentials', () => {
  it('uses an unexpired OIDC token through client-node', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const jwt = `${part({alg: 'none'})}.${part({exp: Math.floor(Date.now() / 1000) + 3600})}.x`
    const proxy: FaultProxy = await startFaultProxy({decide: () => ({status: 200, body: {}})})
    const {clusters} = loadKubeconfig({kubeconfig: proxy.kubeconfig, env: {}})
    const user = {
      'auth-provider': {name: 'oidc', config: {'id-token': jwt, 'client-id': 'x', 'idp-issuer-url': 'https://x'}},
    }
    const cluster = await connect(user, {
      server: proxy.url,
      'certificate-authority-data': clusters.get('proxy')!.value.certificateAuthorityData!.toString('base64'),
    })
    await cluster.read('/version')
    expect(proxy.requests[0]!.headers.authorization).toBe(`Bearer ${jwt}`)
    cluster.close()
    await proxy.close()
  })

  it('sends username and password', async () => {
    const proxy = await startFaultProxy({decide: () => ({status: 200, body: {}})})
    const cluster = await connect(
      {username: 'jane', password: 'p:w'},
      {server: proxy.url, 'insecure-skip-tls-verify': true},
    )
    await cluster.read('/version')
    expect(proxy.requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('jane:p:w').toString('base64')}`)
    cluster.close()
    await proxy.close()
  })

  it('impersonates as the kubeconfig requests, unless a flag is set', async () => {
    const {clientCertificateData, clientKeyData} = loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}}).users.get(
      'east',
    )!.value
    const user = {
      'client-certificate-data': clientCertificateData!.toString('base64'),
      'client-key-data': clientKeyData!.toString('base64'),
      as: 'from-file',
      'as-user-extra': {'example.test/a b': ['1', '2']},
    }
    const cluster = await connect(user)
    expect(await userInfoOf(cluster)).toMatchObject({username: 'from-file', extra: {'example.test/a b': ['1', '2']}})
    cluster.close()
    const flagged = await connect(user, undefined, {as: 'from-flag'})
    expect(await whoAmI(flagged)).toBe('from-flag')
    flagged.close()
  })
})
