import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {Ground} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, openGateways, service} from './support.ts'

const servers = sharedServers()

describe.skipIf(!servers)('services under discoverySelectors, on real API servers', () => {
  let ground: Ground
  let sample: string
  beforeEach(async () => {
    ground = await openGateways(servers!)
    sample = `${ground.namespace}-s`
    for (const {api} of ground.clusters) await deployHello(api, sample)
  })
  afterEach(() => ground?.close())

  /** Adds discoverySelectors to the mesh config of a cluster. */
  async function select(cluster: string): Promise<void> {
    const {api} = ground.cluster(cluster)
    const path = `/api/v1/namespaces/${ground.namespace}/configmaps/istio`
    const {data} = (await api.get<AnyObject & {data: {mesh: string}}>(path))!
    await api.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'istio', namespace: ground.namespace},
      data: {mesh: `${data.mesh}\ndiscoverySelectors:\n- matchLabels:\n    mesh: "on"\n`},
    })
  }
  const label = (cluster: string, name: string) =>
    ground.cluster(cluster).api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name, labels: {mesh: 'on'}}})
  const exportHello = () =>
    service(ground, ['export', 'hello', '-n', sample, '--contexts', 'east', '--to', 'west', '--yes'])

  it('a namespace that istiod does not watch is refused until it has the label of the hint', async () => {
    await select('east')
    const refused = await exportHello()
    expect(refused.code, refused.stderr).toBe(3)
    expect(refused.stderr).toContain(
      `error: east: Service ${sample}/hello would have no endpoints: the labels of namespace ${sample} match none of the discoverySelectors of istiod\nhint:  kubectl --context east label namespace ${sample} mesh=on\n`,
    )
    await label('east', sample)
    const {code, stderr} = await exportHello()
    expect(code, stderr).toBe(0)
  })

  it('export and list report an istiod that ignores the imports', async () => {
    await select('west')
    const warning = new RegExp(
      `^warning: west: istiod ignores the imports: the labels of namespace ${ground.namespace} match none .*\nhint: {2}kubectl --context west label namespace ${ground.namespace} mesh=on$`,
      'm',
    )
    const exported = await exportHello()
    expect(exported.code, exported.stderr).toBe(0)
    expect(exported.stderr).toMatch(warning)
    expect((await service(ground, ['list', '--contexts', 'west'])).stderr).toMatch(warning)
    await label('west', ground.namespace)
    expect((await service(ground, ['list', '--contexts', 'west'])).stderr).not.toMatch(/ignores/)
  })
})
