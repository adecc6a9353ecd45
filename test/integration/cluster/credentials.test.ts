import {execFileSync, spawnSync} from 'node:child_process'
import {chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, inject, it} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {type ConnectOptions, connectCluster} from '../../../src/engine/cluster/connect.ts'
import {requestToken} from '../../../src/engine/cluster/tokens.ts'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {type FaultProxy, startFaultProxy} from '../../support/servers/fault-proxy.ts'

const servers = inject('servers')
const fieldManager = 'test'

describe.skipIf(!servers)('credentials', () => {
  const folder = mkdtempSync(join(tmpdir(), 'credentials-test-'))
  let east: Cluster
  let token: string
  let server: object

  beforeAll(async () => {
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

  /** A kubeconfig for the server, with this user; also given to kubectl. */
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
    const review = await cluster.create('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
    })
    return (review.status as {userInfo: {username: string}}).userInfo.username
  }

  async function whoAmIOnce(user: object, cluster?: object): Promise<string> {
    const connected = await connect(user, cluster)
    try {
      return await whoAmI(connected)
    } finally {
      connected.close()
    }
  }

  /** A plugin that notes what it was given, and prints what it reads from the file `answer`. */
  function plugin(name = 'plugin'): string {
    const file = join(folder, name)
    writeFileSync(
      file,
      `#!/bin/sh\nprintf '%s %s\\n' "$EXTRA" "$KUBERNETES_EXEC_INFO" >> '${folder}/runs'\ncat '${folder}/answer'\n`,
    )
    chmodSync(file, 0o755)
    return file
  }

  const runs = () => readFileSync(join(folder, 'runs'), 'utf8').trim().split('\n')
  const robot = 'system:serviceaccount:credentials:robot'
  const apiVersion = 'client.authentication.k8s.io/v1'

  function answer(status: object): void {
    writeFileSync(join(folder, 'answer'), JSON.stringify({kind: 'ExecCredential', apiVersion, status}))
  }

  it('takes a token, a token file, and data before a file, as kubectl', async () => {
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

  it('reads a token file again when the server refuses the token', async () => {
    writeFileSync(join(folder, 'token'), 'wrong')
    const cluster = await connect({tokenFile: 'token'})
    await expect(whoAmI(cluster)).rejects.toMatchObject({status: 401})
    writeFileSync(join(folder, 'token'), token)
    expect(await whoAmI(cluster)).toBe(robot)
    cluster.close()
  })

  it('takes client certificates from files', async () => {
    const kubeconfig = loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}})
    const {clientCertificateData, clientKeyData} = kubeconfig.users.get('east')!.value
    writeFileSync(join(folder, 'crt'), clientCertificateData!)
    writeFileSync(join(folder, 'key'), clientKeyData!)
    writeFileSync(join(folder, 'ca'), east.certificateAuthority!)
    const cluster = {server: east.server, 'certificate-authority': 'ca'}
    expect(await whoAmIOnce({'client-certificate': 'crt', 'client-key': 'key'}, cluster)).toBe(await whoAmI(east))
  })

  it('gives a plugin what kubectl gives it', async () => {
    answer({token})
    const exec = {
      apiVersion,
      command: plugin(),
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
    const [ours, theirs] = runs()
    expect(ours!.slice(0, 6)).toBe('extra ')
    expect(JSON.parse(ours!.slice(6))).toEqual(JSON.parse(theirs!.slice(6)))
    expect(JSON.parse(ours!.slice(6))).toMatchObject({kind: 'ExecCredential', spec: {interactive: false}})
  })

  it('runs a plugin once for many requests, and again when its token expires', async () => {
    answer({token, expirationTimestamp: new Date(Date.now() + 3_600_000).toISOString()})
    const exec = {apiVersion, command: plugin(), interactiveMode: 'Never'}
    const lasting = await connect({exec})
    await Promise.all(Array.from({length: 40}, () => whoAmI(lasting)))
    lasting.close()
    expect(runs()).toHaveLength(1)
    answer({token, expirationTimestamp: new Date(Date.now() - 1000).toISOString()})
    const expired = await connect({exec})
    await whoAmI(expired)
    await whoAmI(expired)
    expired.close()
    expect(runs()).toHaveLength(3)
  })

  it('asks a plugin again after 401, once for all requests that met it', async () => {
    answer({token: 'stale'})
    const cluster = await connect({exec: {apiVersion, command: plugin(), interactiveMode: 'Never'}})
    await expect(whoAmI(cluster)).rejects.toMatchObject({status: 401})
    const before = runs().length
    answer({token})
    expect(new Set(await Promise.all(Array.from({length: 40}, () => whoAmI(cluster))))).toEqual(new Set([robot]))
    expect(runs()).toHaveLength(before + 1)
    cluster.close()
  })

  it('takes a client certificate from a plugin', async () => {
    const {clientCertificateData, clientKeyData} = loadKubeconfig({
      kubeconfig: servers!.kubeconfig,
      env: {},
    }).users.get('east')!.value
    answer({clientCertificateData: String(clientCertificateData), clientKeyData: String(clientKeyData)})
    expect(await whoAmIOnce({exec: {apiVersion, command: plugin(), interactiveMode: 'Never'}})).toBe(await whoAmI(east))
  })

  it.each([
    [
      'is not there',
      {command: 'no-such-plugin-of-ours', installHint: 'brew install it'},
      /"no-such-plugin-of-ours".*is not there/,
    ],
    ['fails', {command: 'false'}, /failed with exit code 1/],
    ['prints nonsense', {command: 'echo', args: ['hunter2']}, /printed what is not JSON/],
    ['prints another object', {command: 'echo', args: ['{"kind":"Pod"}']}, /printed no ExecCredential/],
    [
      'gives nothing',
      {command: 'echo', args: [`{"kind":"ExecCredential","apiVersion":"${apiVersion}"}`]},
      /gave no token/,
    ],
    ['must ask', {command: 'true', interactiveMode: 'Always'}, /no terminal/],
    ['has no mode', {command: 'true', interactiveMode: ''}, /must set interactiveMode/],
    ['has an old version', {command: 'true', apiVersion: 'client.authentication.k8s.io/v1alpha1'}, /v1alpha1/],
  ])('tells of a plugin that %s', async (_, exec, message) => {
    const error = await whoAmIOnce({exec: {apiVersion, interactiveMode: 'Never', ...exec}}).catch(error => error)
    expect(error).toMatchObject({name: 'MeshError', message: expect.stringMatching(message)})
    expect(error.message).toContain('prod/eu-1 y')
    expect(error.message).not.toContain('hunter2')
    if ('installHint' in exec) expect(error.problems[0].hints).toEqual(['brew install it'])
  })

  it('takes an unexpired OIDC token through client-node', async () => {
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

  it('sends user and password', async () => {
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

  it('takes impersonation from the kubeconfig, and flags before it', async () => {
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
    const review = await cluster.create('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
    })
    expect(review.status).toMatchObject({userInfo: {username: 'from-file', extra: {'example.test/a b': ['1', '2']}}})
    cluster.close()
    const flagged = await connect(user, undefined, {as: 'from-flag'})
    expect(await whoAmI(flagged)).toBe('from-flag')
    flagged.close()
  })
})
