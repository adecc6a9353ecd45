import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {labelWithRevision} from '../../support/ground/revision-records.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello} from '../service/support.ts'

const servers = sharedServers()
const revision = '1-31'

/**
 * The tag is the only difference: whatever a command reads and would write is that of the revision. Only the pods of gateways
 * keep the tag: `federate/canary.test.ts`.
 */
describe.skipIf(!servers)('--revision with a tag has the effect of its revision', () => {
  let ground: Ground
  let tag: string
  let hello: string

  beforeAll(async () => {
    ground = await openGround(servers!, {controlPlane: () => ({revision})})
    tag = `stable-${ground.namespace}`
    hello = `${ground.namespace}-s`
    for (const {api} of ground.clusters) {
      await deployHello(api, hello)
      // Workloads without a proxy would be refused as a target.
      await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: `${hello}-empty`}})
      await api.apply({
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: {name: tag, labels: {'istio.io/tag': tag, 'istio.io/rev': revision}},
      })
    }
    for (const region of regions())
      await east().apply({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: {name: region, labels: {'topology.kubernetes.io/region': region}},
      })
    mkdirSync(join(ground.folder, 'vm'), {mode: 0o700})
    for (const [name, args] of writes()) {
      const {code, stderr} = await run(name, [...args, '--yes'], revision)
      expect(code, `${name}: ${stderr}`).toBe(0)
    }
  })
  afterAll(async () => {
    for (const {api} of ground?.clusters ?? [])
      await api.delete(`/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${tag}`)
    for (const region of ground ? regions() : []) await east().delete(`/api/v1/nodes/${region}`)
    await ground?.close()
  })

  const east = () => ground.cluster('east').api
  const regions = () => ['a', 'b'].map(name => `${name}-${ground.namespace}`)
  const both = ['--contexts', 'east,west']
  const inHello = () => ['-n', hello, '--context', 'east']
  const exported = () => ['hello', '-n', hello, '--contexts', 'east', '--to', 'west']
  const bundle = () => ['--output-dir', join(ground.folder, 'vm')]
  const vm = () => ['--service-account', 'web', '--port', 'http:8080', '--host', `web.${hello}.test`, ...bundle()]
  const provider = () => ['--service', 'hello:80', '--to', `namespace/${hello}-empty`]

  const writes = (): [string, string[]][] => [
    ['federate', [...both, '--mode', 'gateways']],
    ['service export', exported()],
    ['vm register', ['web', ...inHello(), ...vm()]],
    ['authz attach', ['opa', ...inHello(), ...provider()]],
    ['locality balance', ['hello', ...inHello(), '--failover', regions().join('=')]],
  ]
  const run = (name: string, args: readonly string[], value: string) =>
    ground.mesh([...name.split(' '), ...args, '--system-namespace', ground.namespace, '--revision', value])

  const dry = ['--dry-run=server']
  it.each<[string, () => string[]]>([
    ['federate status', () => both],
    ['federate verify', () => both],
    ['federate remove', () => [...both, ...dry]],
    ['service export', () => [...exported(), ...dry]],
    ['service list', () => both],
    ['service unexport', () => [...exported(), ...dry]],
    ['vm register', () => ['web', ...inHello(), ...vm(), '--weight', '3', ...dry]],
    ['vm verify', () => ['web', ...inHello(), ...bundle()]],
    ['vm renew', () => ['web', ...inHello(), ...bundle()]],
    ['vm remove', () => ['web', ...inHello(), ...dry]],
    ['authz attach', () => ['opa', ...inHello(), ...provider(), '--timeout', '3s', ...dry]],
    ['authz list', () => ['--context', 'east']],
    ['authz verify', () => ['opa', '--context', 'east']],
    ['authz detach', () => ['opa', '--context', 'east', ...dry]],
    ['locality balance', () => ['hello', ...inHello(), '--failover', regions().toReversed().join('='), ...dry]],
    ['locality status', () => ['hello', ...inHello()]],
    ['locality unbalance', () => ['hello', ...inHello(), ...dry]],
    ['ca status', () => both],
    ['graph', () => both],
  ])('%s', async (name, args) => {
    // Ages change between two runs, and so do the widths of their columns, and the second at which a token of the same duration expires.
    const shown = (text: string) =>
      text
        .replaceAll(tag, revision)
        .replaceAll(/\b(\d+[smhd])+\b/g, 'AGE')
        .replaceAll(/ {2,}/g, '  ')
        .replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    const [byRevision, byTag] = (await Promise.all([revision, tag].map(value => run(name, args(), value)))).map(
      ({code, stdout, stderr}) => ({code, stdout: shown(stdout), stderr: shown(stderr)}),
    )
    expect([0, 5], byRevision!.stderr).toContain(byRevision!.code)
    expect(byTag).toEqual(byRevision)
  })

  it('resources that 0.1.0 labelled with the revision lose the label at the next run', async () => {
    const kinds = {
      gateways: 'Gateway',
      destinationrules: 'DestinationRule',
      serviceentries: 'ServiceEntry',
    }
    const apiVersion = 'networking.istio.io/v1'
    const all = async () => {
      const lists = await Promise.all(
        [ground.namespace, hello].flatMap(namespace =>
          Object.entries(kinds).map(async ([plural, kind]) => {
            const list = await east().get<{items: AnyObject[]}>(`/apis/${apiVersion}/namespaces/${namespace}/${plural}`)
            return list!.items.map((item): AnyObject => ({...item, apiVersion, kind}))
          }),
        ),
      )
      // That of istiod is rewritten once the istiod of a run does not read it.
      return lists.flat().filter(({metadata: {name}}) => !name.startsWith('istiod'))
    }
    const labelled = async () =>
      (await all()).filter(({metadata: {labels = {}}}) => 'istio.io/rev' in (labels as object)).map(({kind}) => kind)
    expect(await labelled()).toEqual([])
    for (const object of await all()) await labelWithRevision(east(), object, revision)
    expect(new Set(await labelled())).toEqual(new Set(Object.values(kinds)))
    for (const [name, args] of writes()) {
      const {code, stderr} = await run(name, [...args, '--yes'], revision)
      expect(code, `${name}: ${stderr}`).toBe(0)
    }
    expect(await labelled()).toEqual([])
  })
})
