import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {buildControlPlane} from '../../support/fake/control-plane.ts'
import {type Ground, isWrite, openGround} from '../../support/ground/ground.ts'
import {killedAfter} from '../../support/ground/killed.ts'
import {memberLists} from '../../support/ground/members.ts'
import {readAll} from '../../support/ground/objects.ts'
import {toRevisionRecord} from '../../support/ground/revision-records.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, importsOf} from '../service/support.ts'

const servers = sharedServers()
const [before, after] = ['1-30', '1-31']
const hello = `hello-${process.pid}`

/** During a canary upgrade: two revisions in one system namespace. */
describe.skipIf(!servers)('a canary upgrade', () => {
  let ground: Ground
  let tag: string
  beforeEach(async () => {
    ground = await openGround(servers!, {controlPlane: () => ({revision: before})})
    tag = `stable-${ground.namespace}`
    for (const {api, cluster} of ground.clusters) {
      for (const object of buildControlPlane({
        systemNamespace: ground.namespace,
        revision: after,
        clusterName: cluster,
        meshID: 'mesh1',
        network: `${cluster}.${ground.namespace}`,
      }))
        await api.apply(object)
      await pointTag(api, before)
    }
  })
  afterEach(async () => {
    for (const {api} of ground.clusters) await api.delete(tagPath())
    await ground.close()
  })

  const tagPath = () => `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${tag}`
  /** Creates or moves a revision tag, as `istioctl tag set` does. */
  const pointTag = (api: Api, revision: string) =>
    api.apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: {name: tag, labels: {'istio.io/tag': tag, 'istio.io/rev': revision}},
    })
  const where = () => ['--system-namespace', ground.namespace]
  const mesh = (...args: string[]) => ground.mesh([...args, ...where()])
  const path = (kind: string, name: string) =>
    (kind.includes('/') ? '/apis/' : '/api/v1/') +
    kind.replace(/\/?([^/]+)$/, `/namespaces/${ground.namespace}/$1/${name}`).replace(/^\//, '')
  const get = (cluster: string, kind: string, name: string) => ground.cluster(cluster).api.get(path(kind, name))
  const records = async (cluster: string) =>
    Object.keys(await readAll(ground.cluster(cluster).api, ground.namespace))
      .map(one => one.replace(/.*[/ ]/, ''))
      .filter(name => name.startsWith('kubectl-mesh'))
      .sort()
  const toOldRecords = async (name: string) => {
    for (const {api} of ground.clusters) await toRevisionRecord(api, ground.namespace, name, before)
  }
  const revisionOf = (object: AnyObject | undefined) =>
    (object?.metadata.labels as Record<string, string> | undefined)?.['istio.io/rev']
  const podRevision = async (cluster: string) => {
    const deployment = await get(cluster, 'apps/v1/deployments', 'istio-eastwestgateway')
    return revisionOf((deployment!.spec as {template: AnyObject}).template)
  }
  const exposure = (cluster: string) => get(cluster, 'networking.istio.io/v1/gateways', 'cross-network-gateway')

  it('federate with the new revision migrates the objects of the old one, the Gateway before the pods that need it', async () => {
    expect(await ground.federate(['--revision', before, '--yes'])).toMatchObject({code: 0})
    expect(await podRevision('east')).toBe(before)
    await toOldRecords('kubectl-mesh-federation')
    expect(revisionOf(await exposure('east'))).toBe(before)
    const verify = ['federate', 'verify', '--contexts', 'east,west', '--revision', after]
    const unread = await mesh(...verify)
    expect(unread.stdout).toContain(`is labelled istio.io/rev=${before}: istiod of revision ${after} does not read it`)

    const order: string[] = []
    ground.cluster('east').proxy.decide = request => {
      if (isWrite(request)) order.push(`${request.method} ${request.url.replace(/.*\/|\?.*/g, '')}`)
      return 'pass'
    }
    const moved = await ground.federate(['--revision', after, '--yes'])
    expect(moved.code, moved.stderr).toBe(0)
    for (const cluster of ['east', 'west']) {
      expect(revisionOf(await exposure(cluster))).toBeUndefined()
      expect(await podRevision(cluster)).toBe(after)
      expect(await records(cluster)).toEqual(['kubectl-mesh-federation'])
      const {listed, live} = await memberLists(ground.cluster(cluster).api, ground.namespace, 'kubectl-mesh-federation')
      expect(listed).toEqual(live)
      expect(live.length).toBeGreaterThan(10)
    }
    const at = (line: string) => order.indexOf(line)
    expect(at('PATCH cross-network-gateway')).toBeGreaterThanOrEqual(0)
    expect(at('PATCH cross-network-gateway')).toBeLessThan(at('PATCH istio-eastwestgateway'))
    // The list of members is copied before the old one is removed.
    expect(at('PATCH kubectl-mesh-federation')).toBeGreaterThanOrEqual(0)
    expect(at('PATCH kubectl-mesh-federation')).toBeLessThan(at('DELETE kubectl-mesh-federation-1-30'))

    const again = await ground.federate(['--revision', after, '--dry-run=server', '--exit-code'])
    expect(again.code, again.stdout).toBe(0)
  })

  it('killed after any write of the migration: the next run completes it', async () => {
    expect(await ground.federate(['--revision', before, '--yes'])).toMatchObject({code: 0})
    await toOldRecords('kubectl-mesh-federation')
    for (let kills = 0; ; kills++) {
      const {code, stderr} = await ground.federate(['--revision', after, '--yes'], killedAfter(ground, 2))
      if (code === 0) break
      expect(code, stderr).toBe(-1)
      expect(kills).toBeLessThan(40)
    }
    ground.reset()
    for (const cluster of ['east', 'west']) {
      expect(await records(cluster)).toEqual(['kubectl-mesh-federation'])
      const {listed, live} = await memberLists(ground.cluster(cluster).api, ground.namespace, 'kubectl-mesh-federation')
      expect(listed).toEqual(live)
    }
  })

  it('remove after the upgrade removes the objects of all revisions', async () => {
    expect(await ground.federate(['--revision', before, '--yes'])).toMatchObject({code: 0})
    await toOldRecords('kubectl-mesh-federation')
    const removed = await mesh(
      'federate',
      'remove',
      '--contexts',
      'west',
      '--from',
      'east',
      '--revision',
      after,
      '--yes',
    )
    expect(removed.code, removed.stderr).toBe(0)
    expect(removed.stdout).toMatch(/^west +\d\d +left$/m)
    expect(await records('west')).toEqual([])
    expect(await exposure('west')).toBeUndefined()
    expect(await get('east', 'secrets', 'istio-remote-secret-west')).toBeUndefined()
    expect(await get('east', 'secrets', 'istio-remote-token-west')).toBeUndefined()
    // Nothing is left to remove: that is an error.
    const again = await mesh('federate', 'remove', '--contexts', 'west', '--from', 'east', '--yes')
    expect(again).toMatchObject({code: 3, stdout: ''})
    expect(again.stderr).toContain(
      `west: no federation found; searched ConfigMap kubectl-mesh-federation, remote Secrets and tokens in namespace ${ground.namespace} of west, east`,
    )
  })

  it('without --from, the peers that still hold a credential are found, and the cluster has not just left', async () => {
    expect(await ground.federate(['--revision', before, '--yes'])).toMatchObject({code: 0})
    const removed = await mesh('federate', 'remove', '--contexts', 'west', '--yes')
    expect(removed.stdout).toMatch(/^west +\d\d +left, but still registered in east$/m)
    expect(removed.stderr).toContain('warning: west stays registered in east')
    expect(removed.code).toBe(5)
    const completed = await mesh('federate', 'remove', '--contexts', 'west', '--from', 'east', '--yes', '-o', 'json')
    expect(completed.code, completed.stderr).toBe(0)
    const {clusters} = JSON.parse(completed.stdout) as {clusters: {objects: AnyObject[]; result: string}[]}
    expect(clusters.map(({result}) => result).sort()).toEqual(['left', 'stays'])
    expect(clusters.flatMap(({objects}) => objects)).toContainEqual({
      ...{apiVersion: 'v1', kind: 'Secret'},
      metadata: {name: 'istio-remote-secret-west', namespace: ground.namespace},
    })
    expect(await get('east', 'secrets', 'istio-remote-secret-west')).toBeUndefined()
  })

  it('--revision accepts a tag: pods keep it, and the istiod of its revision counts', async () => {
    const joined = await ground.federate(['--revision', tag, '--yes'])
    expect(joined.code, joined.stderr).toBe(0)
    expect(await podRevision('east')).toBe(tag)
    for (const {api} of ground.clusters) await pointTag(api, after)
    const again = await ground.federate(['--revision', tag, '--dry-run=server', '--exit-code'])
    expect(again.code, again.stdout).toBe(0)
    const missing = await ground.federate(['--revision', 'prod', '--yes'])
    expect(missing).toMatchObject({code: 3})
    expect(missing.stderr).toContain(`no istiod of revision prod in namespace ${ground.namespace}`)
    expect(missing.stderr).toMatch(
      /hint: {2}existing revisions: 1-30, 1-31 \(set --revision to one of them, or to a revision tag\)/,
    )
    expect(missing.stderr).not.toContain('istioctl install')
  })

  it('service export with the new revision takes over the imports of the old one', async () => {
    const gateways = ['federate', '--contexts', 'east,west', '--mode', 'gateways', '--yes']
    expect(await mesh(...gateways, '--revision', before)).toMatchObject({code: 0})
    const east = ground.cluster('east').api
    await deployHello(east, hello)
    const service = ['--contexts', 'east', '--to', 'west', '--yes']
    const exporting = ['service', 'export', 'hello', '-n', hello, ...service]
    const first = await mesh(...exporting, '--revision', before)
    expect(first.code, first.stderr).toBe(0)
    const west = ground.cluster('west').api
    await toRevisionRecord(west, ground.namespace, 'kubectl-mesh-services', before)
    await toOldRecords('kubectl-mesh-federation')
    const listed = await mesh('service', 'list', '--contexts', 'west', '--revision', after)
    expect(listed.stdout).toContain(`hello.${hello}.global`)
    expect(listed.stderr).toContain(`is labelled istio.io/rev=${before}: istiod of revision ${after} does not read it`)

    const second = await mesh(...exporting, '--revision', after)
    expect(second.code, second.stderr).toBe(0)
    const imports = Object.values(await importsOf(west, ground.namespace))
    expect(imports).toHaveLength(2)
    for (const object of imports) expect(revisionOf(object)).toBeUndefined()
    expect((await records('west')).filter(name => name.includes('services'))).toEqual(['kubectl-mesh-services'])
    const gone = await mesh('service', 'unexport', 'hello', '-n', hello, ...service, '--revision', before)
    expect(gone.code, gone.stderr).toBe(0)
    expect(await importsOf(west, ground.namespace)).toEqual({})
    await east.delete(`/api/v1/namespaces/${hello}`)
  })
})
