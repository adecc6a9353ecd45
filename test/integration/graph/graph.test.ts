import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Graph} from '../../../src/features/graph/report-types.ts'
import {skeletonOfDot, skeletonOfMermaid} from '../../features/graph/parse.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {parseXml, skeletonOfXml} from '../../support/xml.ts'

const servers = sharedServers()

/** The cases build on each other. */
describe.skipIf(!servers)('mesh graph', () => {
  let ground: Ground
  const name = `graph-${process.pid}`
  const node = `/api/v1/nodes/${name}`

  beforeAll(async () => {
    ground = await openGround(servers!)
    const {api} = ground.cluster('east')
    const region = {'topology.kubernetes.io/region': 'eu', 'topology.kubernetes.io/zone': name}
    await api.apply({apiVersion: 'v1', kind: 'Node', metadata: {name, labels: region}})
    await api.apply({
      ...{apiVersion: 'networking.istio.io/v1', kind: 'WorkloadEntry', metadata: {name, namespace: ground.namespace}},
      spec: {address: '10.0.0.3'},
    })
    const joined = await ground.federate(['--yes'])
    expect(joined.code, joined.stderr).toBe(0)
    ground.reset()
  })
  afterAll(async () => {
    await ground?.cluster('east').api.delete(node)
    await ground?.close()
  })

  const draw = (...args: string[]) =>
    ground.mesh(['graph', '--contexts', 'east,west', '--system-namespace', ground.namespace, ...args])
  const graph = async (): Promise<Graph> => JSON.parse((await draw('-o', 'json')).stdout)

  it('shows gateways, who reads whom, roots, VMs and localities, and writes nothing', async () => {
    const {clusters, links} = await graph()
    expect(links).toEqual([
      {...{holder: 'east', target: 'west', state: 'ok'}, text: 'does not expire', check: null, expiresInSeconds: null},
      {...{holder: 'west', target: 'east', state: 'ok'}, text: 'does not expire', check: null, expiresInSeconds: null},
    ])
    const [east, west] = clusters
    expect(east).toMatchObject({
      ...{name: 'east', network: `east.${ground.namespace}`, state: 'ok', problems: []},
      ca: {sameRoot: true, root: west!.ca!.root},
      gateways: [{name: 'istio-eastwestgateway', namespace: ground.namespace, addresses: ['203.0.113.1']}],
      vms: expect.arrayContaining([expect.objectContaining({name, address: '10.0.0.3'})]),
      localities: expect.arrayContaining([expect.objectContaining({locality: `eu/${name}`, nodes: 1})]),
    })
    expect(west).toMatchObject({state: 'ok', gateways: [{addresses: ['203.0.113.2']}]})
    expect(ground.writes()).toEqual([])
  })

  it('every format has both clusters and the arrow between them', async () => {
    const [text, ascii, mermaid, dot, svg, html] = await Promise.all([
      ...['C.UTF-8', 'C'].map(locale => ground.mesh(['graph', ...ground.all.slice(0, 4)], {env: {LC_ALL: locale}})),
      ...['mermaid', 'dot', 'svg', 'html'].map(format => draw('-o', format)),
    ])
    for (const one of [text, ascii, mermaid, dot, svg, html]) expect(one).toMatchObject({code: 0, stderr: ''})
    expect(text!.stdout).toMatch(/reads +west, does not expire +✔/)
    expect(ascii!.stdout).toMatch(/^[ -~\n]*$/)
    expect(ascii!.stdout).toMatch(/reads +west, does not expire +ok/)
    expect(skeletonOfMermaid(mermaid!.stdout)).toContain('c0 <-->|""| c1')
    expect(skeletonOfDot(dot!.stdout).join(' ')).toContain('c0 -> c1 [')
    const edge = expect.stringContaining('edge reads ok,,c0,c1')
    expect(skeletonOfXml(parseXml(svg!.stdout))).toContainEqual(edge)
    expect(skeletonOfXml(parseXml(html!.stdout.replace(/^<!doctype html>\n/, '')))).toContainEqual(edge)
  })

  it('a credential that the other cluster refuses is a broken link', async () => {
    const {api} = ground.cluster('east')
    const secret = await api.get<AnyObject & {data: Record<string, string>}>(
      `/api/v1/namespaces/${ground.namespace}/secrets/istio-remote-secret-west`,
    )
    const kubeconfig = Buffer.from(secret!.data.west!, 'base64').toString()
    // Another signature.
    const forged = kubeconfig.replace(/(token: \S+?)\S{8}$/m, '$1AAAAAAAA')
    expect(forged).not.toBe(kubeconfig)
    await api.replace({...secret!, data: {west: Buffer.from(forged).toString('base64')}}, 'by-hand')
    const {links} = await graph()
    expect(links[0]).toMatchObject({holder: 'east', target: 'west', state: 'broken', text: 'credential refused'})
    expect(links[1]).toMatchObject({state: 'ok'})
    const {stdout} = await ground.mesh(['graph', ...ground.all.slice(0, 4)], {
      env: {FORCE_COLOR: '1', LC_ALL: 'C.UTF-8'},
    })
    expect(stdout).toContain('\u001b[31m✘ east reads west: credential refused')
  })

  it('a cluster that does not answer is a red node; exit code 5', async () => {
    ground.cluster('west').proxy.decide = () => 'reset'
    const {code, stdout} = await draw('-o', 'mermaid')
    expect(code).toBe(5)
    expect(stdout).toMatch(/c1\["west<br\/>error not reachable: /)
    expect(stdout).toContain('class c1 broken')
    expect((await graph()).clusters[0]).toMatchObject({name: 'east', state: 'ok'})
  })
})
