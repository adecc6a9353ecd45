import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it, onTestFinished} from 'vitest'
import {meshFileVersion} from '../../../src/spec/documents/kind.ts'
import {untilAllowed} from '../../support/ground/allowed.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {forgetMembers, memberLists} from '../../support/ground/members.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import {addNodes} from '../../support/ground/nodes.ts'
import {denyDeletes} from '../../support/ground/users.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const record = 'kubectl-mesh-federation'
const rbac = 'rbac.authorization.k8s.io'

describe.skipIf(!servers)('objects of a federation', () => {
  let ground: Ground
  beforeEach(async () => {
    ground = await openGround(servers!)
  })
  afterEach(() => ground?.close())

  const api = (cluster: string): Api => ground.cluster(cluster).api
  const here = (path: string) => `/api/v1/namespaces/${ground.namespace}/${path}`
  const readerRole = () => `/apis/${rbac}/v1/clusterroles/istio-reader-clusterrole-${ground.namespace}`
  const remove = (args: string[] = []) =>
    ground.mesh([
      ...['federate', 'remove', '--contexts', 'west', '--from', 'east', '--system-namespace', ground.namespace],
      ...args,
    ])
  async function federated(args: string[] = []): Promise<void> {
    const {code, stderr} = await ground.federate(['--yes', ...args])
    expect(code, stderr).toBe(0)
    ground.reset()
  }
  async function expectListed(): Promise<void> {
    for (const cluster of ['east', 'west']) {
      const {listed, live} = await memberLists(api(cluster), ground.namespace, record)
      expect(listed).toEqual(live)
      expect(listed.length).toBeGreaterThan(5)
    }
  }
  /** A user with a ClusterRole of these verbs for everything. */
  async function user(cluster: string, name: string, verbs: string[]): Promise<void> {
    const roleName = `${name}-${ground.namespace}`
    await api(cluster).apply({
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: {name: roleName},
      rules: [
        {apiGroups: ['*'], resources: ['*'], verbs},
        {nonResourceURLs: ['*'], verbs: ['get']},
      ],
    })
    await api(cluster).apply({
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: {name: roleName},
      roleRef: {apiGroup: rbac, kind: 'ClusterRole', name: roleName},
      subjects: [{apiGroup: rbac, kind: 'User', name: roleName}],
    })
    await untilAllowed(api(cluster), roleName, {verb: verbs.at(-1)!, resource: 'configmaps'})
  }

  it('are listed with their UIDs; objects with a copied label stay, and are reported', async () => {
    await federated()
    await expectListed()
    const token = (await api('west').get(here('secrets/istio-remote-token-east')))!
    const labels = token.metadata.labels as Record<string, string>
    const team = `${ground.namespace}-team`
    const admin = await namespaceAdmin(ground.cluster('west'), team)
    const forged: [Api, string, AnyObject][] = [
      [
        admin,
        `/api/v1/namespaces/${team}/secrets/forged`,
        {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'forged', namespace: team, labels}},
      ],
      [
        admin,
        `/api/v1/namespaces/${team}/services/forged`,
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: {name: 'forged', namespace: team, labels},
          spec: {ports: [{port: 80}]},
        },
      ],
      [
        api('west'),
        `/apis/${rbac}/v1/clusterroles/forged-${ground.namespace}`,
        {
          apiVersion: `${rbac}/v1`,
          kind: 'ClusterRole',
          metadata: {name: `forged-${ground.namespace}`, labels},
          rules: [],
        },
      ],
      [
        api('west'),
        here('secrets/forged'),
        {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'forged', namespace: ground.namespace, labels}},
      ],
    ]
    try {
      for (const [as, , object] of forged) await as.create(object)
      const uids = () => Promise.all(forged.map(async ([, path]) => (await api('west').get(path))?.metadata.uid))
      const before = await uids()
      const again = await ground.federate(['--yes'])
      expect(again.code, again.stderr).toBe(0)
      // Those of other namespaces cannot be members, so nothing searches for them.
      expect(again.stderr.match(/^ {2}\S+\/forged\S*( in namespace \S+)?$/gm)).toHaveLength(2)
      expect(ground.writes()).toEqual([])

      const {code, stdout, stderr} = await remove(['--yes'])
      expect(code, stderr).toBe(0)
      expect(stdout).toMatch(/^west +\d+ +left$/m)
      expect(stderr.match(/^ {2}\S+\/forged\S*( in namespace \S+)?$/gm)).toHaveLength(2)
      expect(stderr).toMatch(/^hint: {4}--trust-labels/m)
      expect(await uids()).toEqual(before)
      expect(await api('west').get(readerRole())).toBeUndefined()
    } finally {
      admin.close()
      await api('west').delete(forged[2]![1])
    }
  })

  it('an object that replaced ours stays; ours without a label, or with an owner, is removed', async () => {
    await federated()
    const west = api('west')
    const gateway = `/apis/networking.istio.io/v1/namespaces/${ground.namespace}/gateways/cross-network-gateway`
    const old = (await west.get(gateway))!
    await west.delete(gateway)
    const {uid: _uid, resourceVersion: _version, managedFields: _fields, ...metadata} = old.metadata
    await west.create({...old, metadata} as AnyObject)
    const token = (await west.get(here('secrets/istio-remote-token-east')))!
    await west.replace({...token, metadata: {...token.metadata, labels: {}}}, 'other')
    const service = (await west.get(here('services/istio-eastwestgateway')))!
    const owner = {apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '11111111-1111-1111-1111-111111111111'}
    await west.replace({...service, metadata: {...service.metadata, ownerReferences: [owner]}}, 'other')

    const {code, stderr} = await remove(['--yes'])
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/^ {2}gateway\.networking\.istio\.io\/cross-network-gateway in namespace/m)
    expect(await west.get(gateway)).toBeDefined()
    expect(await west.get(here('secrets/istio-remote-token-east'))).toBeUndefined()
    expect(await west.get(here('services/istio-eastwestgateway'))).toBeUndefined()
  })

  it('hand-made remote Secrets of clusters that do not leave stay, as do other keys of a bundle', async () => {
    await federated()
    const secret = (name: string, stringData: Record<string, string>, annotations = {}) =>
      ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {name, namespace: ground.namespace, labels: {'istio/multiCluster': 'true'}, annotations},
        stringData,
      }) as unknown as AnyObject
    const config = 'apiVersion: v1\nkind: Config\n'
    const third = secret('istio-remote-secret-third', {third: config}, {'networking.istio.io/cluster': 'third'})
    for (const cluster of ['east', 'west']) {
      await api(cluster).create(third)
      await api(cluster).create(secret('my-bundle', {fourth: config, notes: 'my own notes', west: config}))
      await api(cluster).create(secret('by-hand', {[cluster === 'east' ? 'west' : 'east']: config}))
    }
    const shown = await remove(['--dry-run=server'])
    expect(shown.code, shown.stderr).toBe(0)
    expect(shown.stderr).toMatch(
      /^warning: east: Secret my-bundle, which kubectl-mesh did not create, registers west; the key west is removed/m,
    )
    expect(shown.stderr).toMatch(/^warning: west: Secret by-hand, .* registers east; the Secret is removed/m)
    const {code, stderr} = await remove(['--yes'])
    expect(code, stderr).toBe(0)
    for (const cluster of ['east', 'west']) {
      const read = (name: string) => api(cluster).get<AnyObject & {data: object}>(here(`secrets/${name}`))
      expect(Object.keys((await read('istio-remote-secret-third'))!.data)).toEqual(['third'])
      expect(Object.keys((await read('my-bundle'))!.data)).toEqual(['fourth', 'notes'])
      expect(await read('by-hand')).toBeUndefined()
    }
  })

  it('without the permission to delete: nothing is changed; a denied deletion: exit code 4, and the record keeps what is left', async () => {
    await federated()
    const all = ['get', 'list', 'watch', 'create', 'patch', 'update']
    await user('east', 'patcher', [...all, 'delete'])
    await user('west', 'patcher', all)
    const refused = await remove(['--yes', '--as', `patcher-${ground.namespace}`])
    expect(refused).toMatchObject({code: 3, stdout: ''})
    expect(refused.stderr).toMatch(/^error: west: you may not delete secrets/m)
    await expectListed()

    ground.cluster('west').proxy.decide = denyDeletes
    const {code, stdout, stderr} = await remove(['--yes'])
    ground.reset()
    expect(code, stderr).toBe(4)
    expect(stdout).toMatch(/^west +0 +failed$/m)
    expect(stderr).toMatch(/denied/)
    const {listed, live} = await memberLists(api('west'), ground.namespace, record)
    expect(listed).toEqual(live)
    expect(listed.length).toBeGreaterThan(5)
    const again = await remove(['--yes'])
    expect(again.code, again.stderr).toBe(0)
    expect((await memberLists(api('west'), ground.namespace, record)).live).toEqual([])
  })

  it('a reader changes nothing', async () => {
    await federated()
    for (const cluster of ['east', 'west']) await user(cluster, 'reader', ['get', 'list', 'watch'])
    const as = ['--yes', '--as', `reader-${ground.namespace}`]
    const results = [await remove(as), await ground.federate([...as, '--expose', 'trade/*'])]
    expect(results.map(({code}) => code)).toEqual([3, 3])
    for (const {stderr} of results) expect(stderr).not.toContain('unexpected')
    await expectListed()
  })

  describe('of version 0.1.0', () => {
    const forget = async () => {
      for (const {api: one} of ground.clusters) await forgetMembers(one, ground.namespace, record)
    }

    it('the next federate lists them, and keeps their settings', async () => {
      onTestFinished(await addNodes(ground))
      await federated(['--expose', 'trade/*', '--credential-duration', '48h', '--gateway-service-type', 'NodePort'])
      await forget()
      const {code, stderr} = await ground.federate(['--yes'])
      expect(code, stderr).toBe(0)
      expect(stderr).not.toContain('carry the label')
      await expectListed()
      // Only the records changed.
      expect(ground.writes().filter(({url}) => !url.includes(`/configmaps/${record}`))).toEqual([])
      ground.reset()
      expect((await ground.federate(['--yes'])).code).toBe(0)
      expect(ground.writes()).toEqual([])
    })

    it('federate remove removes only what is in the system namespace, and the rest with --trust-labels', async () => {
      await federated()
      await forget()
      const {code, stderr} = await remove(['--yes'])
      expect(code, stderr).toBe(0)
      expect(stderr).toMatch(/^ {2}clusterrole\.rbac\.authorization\.k8s\.io\/istio-reader-clusterrole-/m)
      expect(await api('west').get(here('services/istio-eastwestgateway'))).toBeUndefined()
      expect(await api('west').get(readerRole())).toBeDefined()
      const trusted = await remove(['--yes', '--trust-labels'])
      expect(trusted.code, trusted.stderr).toBe(0)
      expect(trusted.stderr).toMatch(
        /They are removed too, because of --trust-labels:\n(?: .*\n)* {2}clusterrole\.rbac.*istio-reader-clusterrole-/,
      )
      expect(await api('west').get(readerRole())).toBeUndefined()
    })
  })
})

describe.skipIf(!servers)('settings of a federation', () => {
  let ground: Ground
  let removeNodes: () => Promise<void>
  beforeEach(async () => {
    ground = await openGround(servers!)
    removeNodes = await addNodes(ground)
  })
  afterEach(async () => {
    await removeNodes()
    await ground?.close()
  })

  const limited = ['--expose', 'trade/*', '--credential-duration', '48h', '--gateway-service-type', 'NodePort']
  const hosts = async (cluster: string) => {
    const path = `/apis/networking.istio.io/v1/namespaces/${ground.namespace}/gateways/cross-network-gateway`
    const gateway = await ground.cluster(cluster).api.get<{spec: {servers: {hosts: string[]}[]}}>(path)
    return gateway!.spec.servers[0]!.hosts
  }
  async function succeeds(args: string[]): Promise<string> {
    const {code, stderr} = await ground.federate(['--yes', ...args])
    expect(code, stderr).toBe(0)
    return stderr
  }

  it('a run without their flags keeps them, also for --server', async () => {
    await succeeds(limited)
    ground.reset()
    const {code, stderr} = await ground.mesh(['federate', ...ground.all.slice(0, 4), '--yes'])
    expect(code, stderr).toBe(0)
    expect(ground.writes()).toEqual([])
  })

  it('a file that omits them is rejected with --yes, unless --reset names them', async () => {
    await succeeds(limited)
    const file = join(ground.folder, 'mesh.yaml')
    await writeFile(
      file,
      JSON.stringify({
        apiVersion: meshFileVersion,
        kind: 'Federation',
        spec: {
          contexts: ['east', 'west'],
          systemNamespace: ground.namespace,
          server: Object.fromEntries(
            ground.clusters.map(({context, cluster}) => [context, `https://${cluster}.test:6443`]),
          ),
        },
      }),
    )
    ground.reset()
    const refused = await ground.mesh(['federate', '-f', file, '--yes'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/all Services become reachable from the other clusters, instead of trade\/\*/)
    expect(refused.stderr).toMatch(/tokens no longer expire, instead of after 48h/)
    expect(refused.stderr).toMatch(/from NodePort to LoadBalancer/)
    expect(refused.stderr).toContain('--reset credential-duration')
    expect(ground.writes()).toEqual([])
    const resets = ['expose', 'credential-duration', 'gateway-service-type'].flatMap(flag => ['--reset', flag])
    const {code, stderr} = await ground.mesh(['federate', '-f', file, '--yes', ...resets])
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/^warning: tokens no longer expire/m)
    expect(await hosts('west')).toEqual(['*.local'])
  })

  it('a wider flag is described; different records are an error that names both values', async () => {
    await succeeds(limited)
    expect(await succeeds(['--expose', 'trade/*,shop/*'])).toMatch(/^warning: shop\/\* becomes reachable/m)
    const {api} = ground.cluster('west')
    const path = `/api/v1/namespaces/${ground.namespace}/configmaps/${record}`
    const config = (await api.get<AnyObject & {data: Record<string, string>}>(path))!
    const settings = JSON.stringify({...JSON.parse(config.data.settings!), credentialDuration: '24h'})
    await api.replace({...config, data: {...config.data, settings}}, 'test')
    ground.reset()
    const {code, stderr} = await ground.federate(['--yes'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/--credential-duration is 48h in east, and 24h in west/)
    expect(ground.writes()).toEqual([])
  })

  it('the command to continue has all settings', async () => {
    await succeeds(limited)
    ground.cluster('west').proxy.decide = ({method, url}) =>
      method === 'PATCH' && url.includes('/gateways/') && !url.includes('dryRun') ? {status: 403} : 'pass'
    const {code, stderr} = await ground.federate(['--yes', '--expose', 'shop/*', '--reset', 'credential-duration'])
    expect(code, stderr).toBe(4)
    expect(stderr).toMatch(
      /to continue: kubectl mesh federate --contexts east,west .*--expose 'shop\/\*' --gateway-service-type NodePort --reset credential-duration --yes/,
    )
  })
})
