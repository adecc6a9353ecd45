import {readdir, readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {load} from 'js-yaml'
import {afterEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {ProgramResult} from '../../support/ground/program.ts'
import {succeeded} from '../../support/ground/succeeded.ts'
import {run} from '../../support/run.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {findKubectl} from '../../support/servers/kubectl.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

interface Secret extends AnyObject {
  data: Record<string, string>
}

describe.skipIf(!servers)('credentials', () => {
  let ground: Ground
  afterEach(() => ground?.close())

  const secretIn = async (cluster: string, name: string): Promise<Secret> => {
    const path = `/api/v1/namespaces/${ground.namespace}/secrets/${name}`
    return (await ground.cluster(cluster).api.get<Secret>(path))!
  }
  const kubeconfigIn = (secret: Secret, target: string) => Buffer.from(secret.data[target]!, 'base64').toString()
  const tokenIn = (kubeconfig: string) => (load(kubeconfig) as {users: {user: {token: string}}[]}).users[0]!.user.token
  const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
  const isAccepted = async (cluster: string, token: string) => {
    const review = {apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {name: ''}, spec: {token}}
    const {status} = await ground.cluster(cluster).api.create(review)
    return (status as {authenticated?: boolean}).authenticated === true
  }
  it('a remote kubeconfig has exactly the permissions of the reader account', async () => {
    ground = await openGround(servers!)
    succeeded(await ground.federate(['--yes']))
    const kubeconfig = kubeconfigIn(await secretIn('east', 'istio-remote-secret-west'), 'west')
    expect(kubeconfig).not.toMatch(/exec:|client-key|tokenFile/)
    const token = tokenIn(kubeconfig)
    const {url} = ground.cluster('west').proxy
    // The address of --server does not exist. This connects to the real server without the proxy, without verifying its certificate.
    const access = ['--server', await realServer('west'), '--insecure-skip-tls-verify', '--token', token]
    const kubectl = await findKubectl()
    const ask = (...args: string[]) => run([kubectl, '--kubeconfig', '/dev/null', ...access, ...args])
    expect(url).toBeTruthy()
    for (const verb of ['get', 'list', 'watch'])
      for (const resource of [
        'pods',
        'services',
        'secrets',
        'endpointslices.discovery.k8s.io',
        'gateways.networking.istio.io',
      ])
        expect(await ask('auth', 'can-i', verb, resource, '-A')).toMatchObject({stdout: 'yes\n'})
    for (const [verb, resource] of [
      ['create', 'pods'],
      ['patch', 'secrets'],
      ['delete', 'services'],
      ['create', 'clusterroles'],
      ['create', 'serviceaccounts/token'],
      ['impersonate', 'users'],
    ])
      expect(await ask('auth', 'can-i', verb!, resource!, '-A'), `${verb} ${resource}`).toMatchObject({stdout: 'no\n'})
    expect(await ask('get', 'services', '-n', ground.namespace, '-o', 'name')).toMatchObject({
      code: 0,
      stdout: 'service/istio-eastwestgateway\nservice/istiod\n',
    })
    expect(await ask('-n', ground.namespace, 'delete', 'service', 'istiod')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot delete resource "services"'),
    })
  })

  async function realServer(cluster: string): Promise<string> {
    const {kubeconfig, context} = ground.cluster(cluster).direct
    const config = load(await readFile(kubeconfig, 'utf8')) as {clusters: {name: string; cluster: {server: string}}[]}
    return config.clusters.find(({name}) => name === context)!.cluster.server
  }

  it('bound tokens expire, are kept while they are valid, renewed before they expire, and revoked with their Secret', async () => {
    ground = await openGround(servers!)
    const args = ['--yes', '--credential-duration', '1h']
    succeeded(await ground.federate(args))
    const first = await secretIn('east', 'istio-remote-secret-west')
    const token = tokenIn(kubeconfigIn(first, 'west'))
    const claims = claimsOf(token)
    expect(claims.exp - claims.iat).toBe(3600)
    const bound = await secretIn('west', 'istio-remote-bound-token-east')
    expect(claims['kubernetes.io'].secret).toEqual({name: 'istio-remote-bound-token-east', uid: bound.metadata.uid})
    expect(bound.data).toBeUndefined()
    expect(await isAccepted('west', token)).toBe(true)

    ground.reset()
    succeeded(await ground.federate(args))
    expect(ground.writes()).toEqual([])
    expect(await secretIn('east', 'istio-remote-secret-west')).toEqual(first)

    // A token is renewed if less than half of the requested duration remains: here 1 h of 3 h. A rotation replaces it.
    const longer = succeeded(await ground.federate(['--yes', '--credential-duration', '3h']))
    expect(longer.stdout).toMatch(/^east → west: rotated$/m)
    expect(await isAccepted('west', token)).toBe(false)
    const renewed = tokenIn(kubeconfigIn(await secretIn('east', 'istio-remote-secret-west'), 'west'))
    expect(claimsOf(renewed).exp).toBeGreaterThan(claims.exp)

    const status = await ground.mesh([
      'federate',
      'status',
      '--contexts',
      'east,west',
      '--system-namespace',
      ground.namespace,
    ])
    expect(status.stdout).toMatch(/^east +· +(3h|2h5\dm)\S* left\nwest +(3h|2h5\dm)\S* left +·$/m)

    await ground
      .cluster('west')
      .api.delete(`/api/v1/namespaces/${ground.namespace}/secrets/istio-remote-bound-token2-east`)
    await expect.poll(() => isAccepted('west', renewed), {timeout: 30_000}).toBe(false)
    // The next run creates a valid token.
    succeeded(await ground.federate(['--yes', '--credential-duration', '3h']))
    expect(
      await isAccepted('west', tokenIn(kubeconfigIn(await secretIn('east', 'istio-remote-secret-west'), 'west'))),
    ).toBe(true)
    expect((await ground.federate(['--dry-run=server', '--exit-code', '--credential-duration', '3h'])).code).toBe(0)
  })

  it('changes from tokens without expiry to bound tokens and back', async () => {
    ground = await openGround(servers!)
    succeeded(await ground.federate(['--yes']))
    const unbound = tokenIn(kubeconfigIn(await secretIn('east', 'istio-remote-secret-west'), 'west'))
    succeeded(await ground.federate(['--yes', '--credential-duration', '1h']))
    const bound = tokenIn(kubeconfigIn(await secretIn('east', 'istio-remote-secret-west'), 'west'))
    expect(claimsOf(bound).exp).toBeGreaterThan(0)
    // The previous token is revoked.
    await expect.poll(() => isAccepted('west', unbound), {timeout: 30_000}).toBe(false)
    expect((await ground.federate(['--dry-run=server', '--exit-code', '--credential-duration', '1h'])).code).toBe(0)
    // Without the flag, the setting stays.
    expect((await ground.federate(['--dry-run=server', '--exit-code'])).code).toBe(0)
    const back = succeeded(await ground.federate(['--yes', '--reset', 'credential-duration']))
    expect(back.stderr).toMatch(/^warning: tokens no longer expire, instead of after 1h$/m)
    const endless = tokenIn(kubeconfigIn(await secretIn('east', 'istio-remote-secret-west'), 'west'))
    expect(claimsOf(endless).exp).toBeUndefined()
    expect((await ground.federate(['--dry-run=server', '--exit-code'])).code).toBe(0)
  })

  it('no secret value is printed, and files with Secrets have mode 0600', async () => {
    ground = await openGround(servers!)
    const ca = join(ground.folder, 'mesh-ca')
    const results: ProgramResult[] = [await ground.mesh(['ca', 'init', '--dir', ca])]
    results.push(succeeded(await ground.federate(['--yes', '--ca-dir', ca, '-v=9'])))
    const folder = join(ground.folder, 'files')
    for (const args of [
      ['--dry-run=server', '-v=9'],
      ['--dry-run=server', '-o', 'yaml'],
      ['--dry-run=server', '-o', 'json'],
      ['--dry-run=client'],
      ['--dry-run=server', '--output-dir', folder],
      ['--yes', '-v=9', '-o', 'json'],
    ])
      results.push(succeeded(await ground.federate([...args, '--ca-dir', ca])))
    results.push(
      await ground.mesh([
        'federate',
        'status',
        '--contexts',
        'east,west',
        '--system-namespace',
        ground.namespace,
        '-o',
        'json',
        '-v=9',
      ]),
    )
    // An error of a server, with full verbosity.
    ground.cluster('west').proxy.decide = ({url}) =>
      url.includes('secrets') ? {status: 403, body: {message: 'no'}} : 'pass'
    results.push(await ground.federate(['--yes', '--ca-dir', ca, '-v=9']))
    ground.reset()

    const secret = await secretIn('east', 'istio-remote-secret-west')
    const keys = await Promise.all(['root-key.pem', 'east/ca-key.pem'].map(file => readFile(join(ca, file), 'utf8')))
    const token = tokenIn(kubeconfigIn(secret, 'west'))
    const secrets = [
      token.split('.')[2]!,
      secret.data.west!.slice(-200),
      ...keys.map(pem => pem.split('\n')[1]!),
      ...keys.map(pem => Buffer.from(pem).toString('base64').slice(100, 160)),
    ]
    const files = (await readdir(folder, {recursive: true, withFileTypes: true})).filter(file => file.isFile())
    const texts = await Promise.all(files.map(file => readFile(join(file.parentPath, file.name), 'utf8')))
    for (const text of [...results.flatMap(({stdout, stderr}) => [stdout, stderr]), ...texts])
      for (const one of secrets) expect(text).not.toContain(one)

    const whole = join(ground.folder, 'whole')
    succeeded(await ground.federate(['--dry-run=server', '--ca-dir', ca, '--include-secrets', '--output-dir', whole]))
    const written = (await readdir(join(whole, 'east'))).filter(name => name.includes('-secret-'))
    expect(written).toEqual(expect.arrayContaining([expect.stringContaining('istio-remote-secret-west')]))
    for (const name of written) expect((await stat(join(whole, 'east', name))).mode & 0o777, name).toBe(0o600)
  })
})
