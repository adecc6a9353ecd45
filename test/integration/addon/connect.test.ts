import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {load} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {home, programWords} from '../../support/ground/program.ts'
import {keys, repeatedArguments, startPty} from '../../support/pty.ts'
import {run} from '../../support/run.ts'
import {openApi} from '../../support/servers/api.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {istioRelease, snapshot} from './support.ts'

interface Kubeconfig {
  'current-context': string
  clusters: {name: string; cluster: {server: string}}[]
  contexts: {name: string; context: {cluster: string; user: string}}[]
  users: {name: string; user: {token: string}}[]
}

const secretName = 'kiali-remote-cluster-secret-west'

describe.skipIf(!sharedServers())('one Kiali for two clusters', () => {
  let own: RunningServers
  let ground: Ground
  let server: string
  let installed: unknown[]
  const snapshots = () => Promise.all(ground.clusters.map(({api}) => snapshot(api)))
  const addon = (verb: string, ...words: string[]) =>
    ground.mesh(['addon', verb, 'kiali', '--contexts', 'east,west', '--system-namespace', ground.namespace, ...words])
  const connect = (...words: string[]) => addon('connect', '--no-wait', '--yes', '--server', `west=${server}`, ...words)
  const secretOf = async () => {
    const path = `/api/v1/namespaces/${ground.namespace}/secrets/${secretName}`
    return (await ground.cluster('east').api.get<{data: Record<string, string>; metadata: object}>(path))!
  }
  const textOf = async () => Buffer.from((await secretOf()).data.west!, 'base64').toString()
  const tokenOf = async () => (load(await textOf()) as Kubeconfig).users[0]!.user.token
  const isAccepted = async (token: string) => {
    const review = {apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {name: ''}, spec: {token}}
    const {status} = await ground.cluster('west').api.create(review)
    return (status as {authenticated?: boolean}).authenticated === true
  }

  /** Directly: the proxy of the ground would present its client certificate, with which every token is accepted. */
  const check = () => {
    const args = ['check', '--contexts', 'east,west', '--system-namespace', ground.namespace, '-o', 'json']
    return ground.mesh(args, {env: {KUBECONFIG: own.kubeconfig}})
  }
  /** The API server remembers accepted tokens for some seconds. */
  const isRevoked = (token: string) =>
    expect.poll(() => isAccepted(token), {timeout: 60_000, interval: 1000}).toBe(false)

  beforeAll(async () => {
    own = await startServers(['east', 'west'])
    ground = await openGround(own)
    const config = load(readFileSync(own.kubeconfig, 'utf8')) as Kubeconfig
    const {cluster} = config.contexts.find(({name}) => name === 'west')!.context
    server = config.clusters.find(({name}) => name === cluster)!.cluster.server
    expect((await ground.federate(['--yes'])).code).toBe(0)
    const place = ['--system-namespace', ground.namespace, '--context', 'east', '--no-wait', '--yes']
    const {code, stderr} = await ground.mesh(['addon', 'install', 'kiali', '--from', istioRelease(), ...place])
    expect({code, stderr}).toMatchObject({code: 0})
    installed = await snapshots()
  })
  afterAll(async () => {
    await ground?.close()
    await own?.stop()
  })

  it('gives no credential to a Deployment of another namespace that looks like Kiali', async () => {
    const {api} = ground.cluster('west')
    const labels = {'app.kubernetes.io/name': 'kiali', app: 'kiali'}
    await api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'team-a'}})
    const template = {metadata: {labels}, spec: {containers: [{name: 'kiali', image: 'theirs'}]}}
    const spec = {selector: {matchLabels: labels}, template}
    await api.create({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {name: 'kiali', namespace: 'team-a', labels},
      spec,
    })
    ground.reset()
    const forged = await addon('connect', '--no-wait', '--yes', '--kiali-context', 'west')
    expect(forged).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('hint:  add -n team-a if this is the Kiali'),
    })
    expect(ground.writes()).toEqual([])
    // That of kubectl-mesh is found beside it.
    expect((await addon('connect', '--dry-run=server')).code).toBe(0)
  })

  it('connect and disconnect ask for the clusters, and for one of several Kialis', {timeout: 240_000}, async () => {
    const place = `--system-namespace ${ground.namespace}`
    for (const [typed, question] of [
      [`addon connect --no-wait ${place}`, 'Let Kiali of east read west?'],
      [`addon disconnect ${place}`, 'Type west to continue'],
    ] as const) {
      ground.reset()
      const pty = startPty([...programWords, ...typed.split(' ')], {
        ...{cwd: ground.folder, env: {...ground.env, HOME: home, NO_COLOR: '1'}},
        size: {rows: 100, columns: 300},
      })
      await pty.sees('Which clusters are in the mesh?')
      // Both are selected. One cluster is not enough.
      pty.type(keys.space + keys.enter)
      await pty.sees('select at least 2')
      pty.type(keys.space + keys.enter)
      await pty.sees('Which Kiali?')
      pty.type(keys.enter)
      await pty.sees(question)
      pty.type(`n${keys.enter}`)
      expect(await pty.ended, pty.screen()).toBe(3)
      expect(ground.writes()).toEqual([])
      const printed = repeatedArguments(pty.screen())
      expect(printed, pty.screen()).toBe(
        `${typed} --contexts east,west --kiali-context east --namespace ${ground.namespace}`,
      )
      const {code, stderr} = await ground.mesh([...printed!.split(' '), '--yes'])
      expect({code, stderr}).toMatchObject({code: 0})
      expect(ground.writes().length).toBeGreaterThan(0)
    }
    const {api} = ground.cluster('west')
    await api.delete('/apis/apps/v1/namespaces/team-a/deployments/kiali')
    await api.delete('/api/v1/namespaces/team-a')
    installed = await snapshots()
  })

  it('without --server, uses the address of the remote Secret of federate', async () => {
    const {code, stdout, stderr} = await addon('connect', '--no-wait', '--yes')
    expect({code, stderr}).toMatchObject({code: 0})
    expect(stdout).toContain(`secret/${secretName} serverside-applied (east)`)
    expect((load(await textOf()) as Kubeconfig).clusters[0]!.cluster.server).toBe('https://west.test:6443')
    expect(stderr).toContain('has no metrics of west')
    expect(stderr).toContain('kubectl mesh addon install kiali --prometheus-url URL')
    expect((await addon('disconnect', '--yes')).code).toBe(0)
    expect(await snapshots()).toEqual(installed)
  })

  it('a dry run writes nothing; a second run changes nothing', async () => {
    expect((await addon('connect', '--dry-run=server')).code).toBe(0)
    expect(await snapshots()).toEqual(installed)
    expect((await connect()).code).toBe(0)
    const connected = await snapshots()
    ground.reset()
    expect(await connect()).toMatchObject({code: 0, stdout: ''})
    expect(ground.writes()).toEqual([])
    expect(await snapshots()).toEqual(connected)
  })

  it('Kiali finds the kubeconfig where it looks for it, and the real client loads it', async () => {
    const {metadata} = await secretOf()
    expect(metadata).toMatchObject({
      labels: {'kiali.io/multiCluster': 'true'},
      annotations: {'kiali.io/cluster': 'west'},
    })
    const path = `/apis/apps/v1/namespaces/${ground.namespace}/deployments/kiali`
    const deployment = await ground.cluster('east').api.get<{spec: {template: {spec: never}}}>(path)
    expect(deployment!.spec.template.spec).toMatchObject({
      containers: [
        {
          volumeMounts: expect.arrayContaining([
            {name: 'remote-west', mountPath: `/kiali-remote-cluster-secrets/${secretName}`, readOnly: true},
          ]),
        },
      ],
      volumes: expect.arrayContaining([{name: 'remote-west', secret: {secretName, optional: true, defaultMode: 420}}]),
    })
    // As the kubelet mounts it: a folder with a file for each key.
    const mount = join(ground.folder, secretName)
    mkdirSync(mount)
    writeFileSync(join(mount, 'west'), await textOf())
    expect(readdirSync(mount)).toEqual(['west'])
    const config = load(await textOf()) as Kubeconfig
    expect([config.clusters.length, config.users.length, config['current-context']]).toEqual([1, 1, 'west'])
    const client = await openApi(join(mount, 'west'), 'west')
    expect(await client.get('/api/v1/namespaces?limit=1')).toBeDefined()
    expect(await client.get('/apis/networking.istio.io/v1/virtualservices?limit=1')).toBeDefined()
    await expect(client.get('/api/v1/secrets?limit=1')).rejects.toThrow('403')
    await expect(
      client.create({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'x', namespace: 'default'}}),
    ).rejects.toThrow('403')
    client.close()
    const kubectl = await run(['kubectl', '--kubeconfig', join(mount, 'west'), 'get', 'pods', '-A', '-o', 'name'])
    expect(kubectl).toMatchObject({code: 0, stderr: expect.not.stringContaining('rror')})
  })

  it('check reads the other cluster as Kiali does', async () => {
    const {stdout} = await check()
    const {groups} = JSON.parse(stdout) as {groups: {group: string; findings: unknown[]}[]}
    expect(groups.find(({group}) => group === 'Kiali')).toMatchObject({findings: []})
  })

  it('rotation: the new token is used, and the former one is revoked', async () => {
    const before = await tokenOf()
    const {code, stderr} = await connect('--rotate')
    expect({code, stderr}).toMatchObject({code: 0, stderr: expect.stringContaining('rollout restart deployment kiali')})
    const after = await tokenOf()
    expect([after === before, await isAccepted(after)]).toEqual([false, true])
    await isRevoked(before)
  })

  it('short-lived tokens replace the others, and are bound to a Secret', async () => {
    const before = await tokenOf()
    expect((await connect('--credential-duration', '1h')).code).toBe(0)
    const after = await tokenOf()
    expect(await isAccepted(after)).toBe(true)
    await isRevoked(before)
    ground.reset()
    // The lifetime is that of the current token.
    expect(await connect()).toMatchObject({code: 0, stdout: ''})
    expect(ground.writes()).toEqual([])
  })

  it('check reports a revoked token', async () => {
    const path = `/api/v1/namespaces/${ground.namespace}/secrets/kiali-remote-bound-token2-east`
    const token = await tokenOf()
    await ground.cluster('west').api.delete(path)
    await isRevoked(token)
    const {code, stdout} = await check()
    expect(code).toBe(5)
    expect(stdout).toContain('contains a token that the API server of west rejects')
    expect((await connect()).code).toBe(0)
    expect(await isAccepted(await tokenOf())).toBe(true)
  })

  it('Kiali is not removed before its access, and gets no login that supports one cluster only', async () => {
    const place = ['--system-namespace', ground.namespace, '--context', 'east', '--yes']
    expect(await ground.mesh(['addon', 'remove', 'kiali', ...place])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('Kiali has credentials for west'),
    })
    const token = ['--from', istioRelease(), '--auth', 'token', '--no-wait']
    expect(await ground.mesh(['addon', 'install', 'kiali', ...place, ...token])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('--auth token does not support'),
    })
  })

  it('an installation keeps the mounts', async () => {
    const place = ['--system-namespace', ground.namespace, '--context', 'east', '--yes', '--no-wait']
    const before = await snapshots()
    expect((await ground.mesh(['addon', 'install', 'kiali', '--from', istioRelease(), ...place])).code).toBe(0)
    expect(await snapshots()).toEqual(before)
  })

  it('disconnect restores every object', async () => {
    const token = await tokenOf()
    const {code, stderr} = await addon('disconnect', '--yes')
    expect({code, stderr}).toMatchObject({code: 0})
    expect(await snapshots()).toEqual(installed)
    await isRevoked(token)
    expect(await addon('disconnect', '--yes')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('nothing to remove'),
    })
  })

  it('a login that supports one cluster only is refused before any write', async () => {
    const place = ['--system-namespace', ground.namespace, '--context', 'east', '--yes', '--no-wait']
    const login = (auth: string) =>
      ground.mesh(['addon', 'install', 'kiali', '--from', istioRelease(), ...place, '--auth', auth])
    expect((await login('token')).code).toBe(0)
    expect(await connect()).toMatchObject({code: 3, stderr: expect.stringContaining('the login of Kiali is token')})
    expect((await login('anonymous')).code).toBe(0)
  })

  it('federate rotate replaces the tokens of Kiali too', async () => {
    expect((await connect()).code).toBe(0)
    const before = await tokenOf()
    const place = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const shown = await ground.mesh(['federate', 'rotate', ...place, '--dry-run=server'])
    expect(shown).toMatchObject({code: 0, stdout: expect.stringContaining('kiali-remote-token-east')})
    expect(await tokenOf()).toBe(before)
    const {code, stderr} = await ground.mesh(['federate', 'rotate', ...place, '--yes'])
    expect({code, stderr}).toMatchObject({code: 0})
    const after = await tokenOf()
    expect([after === before, await isAccepted(after)]).toEqual([false, true])
    await isRevoked(before)
  })

  it('federate remove ends the access of Kiali to a cluster that leaves', async () => {
    expect((await connect()).code).toBe(0)
    const token = await tokenOf()
    const leave = ['federate', 'remove', '--contexts', 'west', '--from', 'east', '--system-namespace', ground.namespace]
    const {code, stdout, stderr} = await ground.mesh([...leave, '--yes'])
    expect({code, stderr}).toMatchObject({code: 0})
    expect(stdout).toContain('west')
    await isRevoked(token)
    const left = (await snapshots())
      .flatMap(all => Object.keys(all))
      .filter(path => /kiali-remote|kiali-access/.test(path))
    expect(left).toEqual([])
    const deployment = await ground
      .cluster('east')
      .api.get(`/apis/apps/v1/namespaces/${ground.namespace}/deployments/kiali`)
    expect(JSON.stringify(deployment!.spec)).not.toContain(secretName)
  })
})
