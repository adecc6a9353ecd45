import {createHash} from 'node:crypto'
import {cp, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {killedAfter} from '../../support/ground/killed.ts'
import {succeeded} from '../../support/ground/succeeded.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('mesh ca renew', () => {
  let ground: Ground
  let ca: string
  afterEach(() => ground?.close())

  /** Joins two clusters whose CAs expire in the given numbers of days. */
  async function open(days: {east: number; west: number}): Promise<void> {
    ground = await openGround(servers!)
    ca = join(ground.folder, 'mesh-ca')
    succeeded(await ground.mesh(['ca', 'init', '--dir', ca]))
    for (const [cluster, left] of Object.entries(days)) await issue(cluster, left)
    succeeded(await ground.federate(['--yes', '--ca-dir', ca]))
    ground.reset()
  }

  const issue = async (cluster: string, days: number, ...more: string[]) => {
    const scope = ['--cluster', cluster, '--days', String(days), '--system-namespace', ground.namespace]
    succeeded(await ground.mesh(['ca', 'issue', '--dir', ca, ...scope, ...more]))
  }
  const renew = (args: string[] = ['--yes'], options = {}) =>
    ground.mesh(
      ['ca', 'renew', '--dir', ca, '--contexts', 'east,west', '--system-namespace', ground.namespace, ...args],
      options,
    )
  const path = () => `/api/v1/namespaces/${ground.namespace}/secrets/cacerts`
  const cacerts = async (cluster: string) => {
    const {data} = (await ground.cluster(cluster).api.get<{data: Record<string, string>}>(path()))!
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    )
  }
  const inFolder = (cluster: string, file: string) => readFile(join(ca, cluster, file), 'utf8')

  it('renews only the CA that expires soon, and keeps the bytes of the root', async () => {
    await open({east: 10, west: 300})
    const [east, west] = [await cacerts('east'), await cacerts('west')]
    const shown = await renew(['--dry-run=server', '--exit-code'])
    expect(shown.code, shown.stderr).toBe(1)
    expect(shown.stdout).toMatch(/^east +in (9|10)d.* +issue a CA below the same root/m)
    expect(shown.stdout).toMatch(/^west +in 2\d\dd.* +none$/m)
    expect(ground.writes()).toEqual([])
    expect(await inFolder('east', 'ca-cert.pem')).toBe(east['ca-cert.pem'])

    const {stdout, stderr} = succeeded(await renew())
    expect(stdout).toMatch(/^east: intermediate CA renewed, valid until \d{4}-\d\d-\d\d; no istiod is ready/m)
    expect(stdout + stderr).not.toContain('PRIVATE')
    expect(stderr).toMatch(/^CLUSTER +EXPIRES +CHANGE\neast +in .*\nwest +in .* none\n\n! east: the certificate in /m)
    expect(stderr).toContain(`! east: the certificate in Secret ${ground.namespace}/cacerts is`)
    const renewed = await cacerts('east')
    for (const key of ['ca-cert.pem', 'ca-key.pem', 'cert-chain.pem']) {
      expect(renewed[key]).not.toBe(east[key])
      expect(renewed[key]).toBe(await inFolder('east', key))
    }
    expect(renewed['root-cert.pem']).toBe(east['root-cert.pem'])
    expect(await cacerts('west')).toEqual(west)
    ground.reset()
    expect(succeeded(await renew()).stderr).toContain('no intermediate CA expires within 720h')
    expect(ground.writes()).toEqual([])
    // The federation is as before.
    succeeded(await ground.federate(['--dry-run=server', '--exit-code', '--ca-dir', ca]))
  })

  it('installs a newer CA of the folder, although no CA expires', async () => {
    await open({east: 300, west: 300})
    await issue('west', 300, '--renew')
    succeeded(await renew(['--yes', '--expires-within', '0s']))
    expect((await cacerts('west'))['ca-cert.pem']).toBe(await inFolder('west', 'ca-cert.pem'))
    expect(ground.writes().map(({method, url}) => [method, url.split('?')[0]])).toEqual([['PATCH', path()]])
  })

  it('killed with SIGKILL after each write in turn: the next run continues', async () => {
    await open({east: 10, west: 10})
    let kills = 0
    const issued = new Set<string>()
    for (;;) {
      const {code, stderr} = await renew(['--yes'], killedAfter(ground, 1))
      ground.reset()
      for (const cluster of ['east', 'west']) issued.add(hash(await inFolder(cluster, 'ca-cert.pem')))
      if (code === 0) break
      expect(code, stderr).toBe(-1)
      expect(++kills).toBeLessThan(10)
    }
    expect(kills).toBe(1)
    // The CAs of the killed run are used, and none is issued twice.
    expect(issued.size).toBe(2)
    for (const cluster of ['east', 'west'])
      expect((await cacerts(cluster))['ca-cert.pem']).toBe(await inFolder(cluster, 'ca-cert.pem'))
  })

  it('a CA of another root, or one that istiod does not use, stays', async () => {
    await open({east: 10, west: 10})
    const own = ca
    ca = join(ground.folder, 'other')
    succeeded(await ground.mesh(['ca', 'init', '--dir', ca]))
    const foreign = await renew()
    expect(foreign.code, foreign.stderr).toBe(3)
    expect(foreign.stderr).toMatch(/^error: east: the CA in cacerts does not belong to the root in \S+other: /m)

    ca = own
    // A pod whose ports nothing forwards.
    const {api} = ground.cluster('west')
    const pod = {apiVersion: 'v1', kind: 'Pod', metadata: {name: 'istiod-1', namespace: ground.namespace}}
    await api.create({
      ...{...pod, metadata: {...pod.metadata, labels: {app: 'istiod', 'istio.io/rev': 'default'}}},
      spec: {containers: [{name: 'discovery', image: 'registry.test/pilot:1.31.0'}]},
    })
    await api.apply({...pod, status: {conditions: [{type: 'Ready', status: 'True'}]}}, 'status')
    const unread = await renew()
    expect(unread.code, unread.stderr).toBe(3)
    expect(unread.stderr).toMatch(/^error: west: the certificate of istiod istiod-1 cannot be read: /m)
    expect(unread.stderr).toMatch(/^hint: {2}this needs the permission to create pods\/portforward/m)
    expect(ground.writes()).toEqual([])
  })

  it('without the key of the root, nothing changes, and a hint names the way', async () => {
    await open({east: 10, west: 300})
    const copy = join(ground.folder, 'without-key')
    await cp(ca, copy, {recursive: true, filter: file => !file.endsWith('root-key.pem')})
    ca = copy
    const {code, stderr} = await renew()
    expect(code, stderr).toBe(2)
    expect(stderr).toMatch(/has no root-key\.pem, which is required to issue certificates\nhint: /)
    expect(ground.writes()).toEqual([])
  })
})

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
