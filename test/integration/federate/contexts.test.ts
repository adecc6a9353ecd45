import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {dump, load} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {removalOf} from '../../support/ground/removal.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('contexts of several kubeconfigs', () => {
  let three: RunningServers
  beforeAll(async () => {
    three = await startServers(['east', 'west', 'south'])
  })
  afterAll(() => three?.stop())

  it('three clusters in separate kubeconfigs, with the context names y, prod/eu-1 and one with spaces', async () => {
    const names = ['y', 'prod/eu-1', 'our south = 3']
    const ground = await openGround(three, {contexts: ['east', 'west', 'south'], names})
    try {
      const {code, stdout, stderr} = await ground.federate(['--yes'])
      expect(code, stderr).toBe(0)
      expect(stdout).toMatch(/^east .* 2 of 2 +joined\nwest .* 2 of 2 +joined\nsouth .* 2 of 2 +joined$/m)
      for (const {api, cluster} of ground.clusters) {
        const list = await api.get<{items: {metadata: {name: string}; data?: object}[]}>(
          `/api/v1/namespaces/${ground.namespace}/secrets?labelSelector=${encodeURIComponent('istio/multiCluster=true')}`,
        )
        const keys = list!.items.flatMap(({data}) => Object.keys(data ?? {}))
        expect(keys.sort()).toEqual(['east', 'south', 'west'].filter(name => name !== cluster))
      }
      ground.reset()
      const second = await ground.federate(['--yes'])
      expect(second.code, second.stderr).toBe(0)
      expect(ground.writes()).toEqual([])
      // The hint quotes the context for a shell.
      ground.clusters[2]!.proxy.decide = ({url}) => (url.includes('/gateways') ? 'reset' : 'pass')
      const refused = await ground.federate(['--yes'])
      expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining("kubectl --context 'our south = 3'")})
    } finally {
      await ground.close()
    }
  })

  it('two kubeconfig files that both name their context default, under chosen names', async () => {
    const ground = await openGround(three, {names: ['default', 'default']})
    const [east, west] = ground.clusters.map(({proxy}) => proxy.kubeconfig)
    const contexts = `east=${east},west=${west}#default`
    const env = {KUBECONFIG: '/dev/null'}
    const server = {east: 'https://east.test:6443', west: 'https://west.test:6443'}
    const flags = [
      ...['--system-namespace', ground.namespace],
      ...Object.entries(server).flatMap(([name, url]) => ['--server', `${name}=${url}`]),
    ]
    const mesh = (...args: string[]) => ground.mesh(args, {env})
    try {
      const {code, stdout, stderr} = await mesh('federate', '--contexts', contexts, ...flags, '--yes')
      expect(code, stderr).toBe(0)
      expect(stdout).toMatch(/^east .* 1 of 1 +joined\nwest .* 1 of 1 +joined$/m)
      // The records name clusters, not files.
      for (const {api} of ground.clusters) {
        const path = `/api/v1/namespaces/${ground.namespace}/configmaps`
        expect(JSON.stringify(await api.get(path))).not.toContain(west)
      }
      ground.reset()
      // A mesh file contains the same references.
      const file = join(ground.folder, 'mesh.yaml')
      const spec = {
        contexts: contexts.split(','),
        systemNamespace: ground.namespace,
        server,
      }
      await writeFile(file, dump({apiVersion: 'kubectl-mesh.io/v1alpha1', kind: 'Federation', spec}))
      const second = await mesh('federate', '-f', file, '--yes')
      expect(second.code, second.stderr).toBe(0)
      expect(ground.writes()).toEqual([])
      // Commands for one cluster accept them too, and a hint for kubectl names the file.
      const list = await mesh('tenant', 'list', '--context', `west=${west}`, '-o', 'json')
      expect(list.code, list.stderr).toBe(0)
      ground.clusters[1]!.proxy.decide = ({url}) => (url.includes('/gateways') ? 'reset' : 'pass')
      const refused = await mesh('federate', '--contexts', contexts, ...flags, '--yes')
      const hint = `kubectl --kubeconfig ${west} --context default version`
      expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining(hint)})
      const missing = await mesh('tenant', 'list', '--context', `west=${west}#other`)
      expect(missing).toMatchObject({code: 2, stderr: expect.stringContaining(`"other" does not exist in ${west}`)})
    } finally {
      await ground.close()
    }
  })

  const keysOf = async (ground: Ground) =>
    Promise.all(
      ground.clusters.map(async ({api}) => {
        const path = `/api/v1/namespaces/${ground.namespace}/secrets/istio-remote-secrets`
        const secret = await api.get<{data: Record<string, string>}>(path)
        return Object.keys(secret?.data ?? {}).sort()
      }),
    )

  it('three clusters with bundled credentials: one Secret each; a run for two of them keeps the keys of the third', async () => {
    const ground = await openGround(three, {contexts: ['east', 'west', 'south']})
    try {
      const result = await ground.federate(['--yes', '--credentials', 'bundled'])
      expect(result.code, result.stderr).toBe(0)
      const all = [
        ['south', 'west'],
        ['east', 'south'],
        ['east', 'west'],
      ]
      expect(await keysOf(ground)).toEqual(all)
      ground.reset()
      const two = [
        'federate',
        '--contexts',
        'east,west',
        '--system-namespace',
        ground.namespace,
        '--credentials',
        'bundled',
      ]
      const addresses = ['--server', 'east=https://east.test:6443', '--server', 'west=https://west.test:6443']
      const some = await ground.mesh([...two, ...addresses, '--yes'])
      expect(some.code, some.stderr).toBe(0)
      expect(ground.writes()).toEqual([])
      expect(await keysOf(ground)).toEqual(all)
      // A run that changes a key keeps the others, too.
      const moved = await ground.mesh([
        ...two,
        '--server',
        'east=https://elsewhere.test',
        ...addresses.slice(2),
        '--yes',
      ])
      expect(moved.code, moved.stderr).toBe(0)
      expect(await keysOf(ground)).toEqual(all)
      // The record of east stores the setting.
      expect(ground.writes().map(({url}) => url.replace(/.*\/|\?.*/g, ''))).toEqual([
        'kubectl-mesh-federation',
        'istio-remote-secrets',
      ])

      // The cluster that leaves is unregistered. Its shared token is not revoked, which a warning reports.
      const remove = removalOf(ground, 'south', 'east,west')
      const left = await ground.mesh([...remove, '--yes'])
      expect(left.code, left.stderr).toBe(0)
      expect(left.stderr).toMatch(
        /^warning: east: the token that south may hold stays valid, because all clusters share it/m,
      )
      expect(left.stderr).toMatch(
        /^hint: {2}to revoke it: kubectl --context east -n \S+ delete secret istio-reader-\S+$/m,
      )
      expect(await keysOf(ground)).toEqual([['west'], ['east'], []])
    } finally {
      await ground.close()
    }
  })

  it('two contexts of one cluster are rejected, even with different addresses and names', async () => {
    const ground = await openGround(servers!)
    try {
      const [east] = ground.clusters
      const config = load(await readFile(east!.direct.kubeconfig, 'utf8')) as {contexts: {name: string}[]}
      const other = join(ground.folder, 'other')
      config.contexts = config.contexts.filter(({name}) => name === 'east').map(one => ({...one, name: 'again'}))
      await writeFile(other, dump({...config, 'current-context': 'again'}))
      const contexts = ['--contexts', 'east,again', '--system-namespace', ground.namespace]
      const addresses = ['--server', 'east=https://a.test', '--server', 'again=https://b.test']
      const args = ['federate', ...contexts, ...addresses, '--cluster-name', 'again=again', '--yes']
      const result = await ground.mesh(args, {env: {KUBECONFIG: `${ground.env.KUBECONFIG}:${other}`}})
      expect(result).toMatchObject({code: 3, stdout: ''})
      expect(result.stderr).toMatch(/^error: again: contexts east and again refer to the same cluster$/m)
      expect(ground.writes()).toEqual([])
    } finally {
      await ground.close()
    }
  })

  it('two clusters with the same name are rejected', async () => {
    const ground = await openGround(servers!, {controlPlane: () => ({clusterName: 'one'})})
    try {
      const {code, stdout, stderr} = await ground.federate(['--yes'])
      expect({code, stdout}).toEqual({code: 3, stdout: ''})
      expect(stderr).toMatch(/^error: contexts east and west have the same cluster name one$/m)
      expect(stderr).toMatch(/^hint: {2}--cluster-name west=NAME$/m)
      expect(ground.writes()).toEqual([])
    } finally {
      await ground.close()
    }
  })

  it.each([
    [['--contexts', 'east,nowhere'], /^error: .*nowhere/m],
    [
      ['--contexts', 'east'],
      /^error: federate needs at least two clusters, got one \(east\)\nhint: {2}--contexts east,OTHER/m,
    ],
    [['--contexts', 'east,east'], /^error: --contexts contains east twice$/m],
    [['--contexts', 'east,west', '--network', 'south=x'], /^error: --network south=x: south is not among/m],
    [['--contexts', 'east,west', '--server', 'east=ftp://x'], /^error: --server ftp:\/\/x is not an https URL/m],
  ])('%j is an error, and no request is sent', async (args, error) => {
    const ground = await openGround(servers!, {controlPlane: () => false})
    const result = await ground.mesh(['federate', ...args, '--yes'])
    expect(result).toMatchObject({code: 2, stdout: '', stderr: expect.stringMatching(error)})
    expect(ground.clusters.flatMap(({proxy}) => proxy.requests)).toEqual([])
    await ground.close()
  })
})
