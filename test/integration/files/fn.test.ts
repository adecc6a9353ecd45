import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {load, loadAll} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {runOk} from '../../support/run.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

interface Result {
  message: string
  severity: string
  resourceRef?: object
  file?: object
}

interface List {
  apiVersion: string
  kind: string
  items: AnyObject[]
  results?: Result[]
}

/** An item as kustomize passes it to a transformer, with an integer that JavaScript cannot represent. */
const other = `- apiVersion: example.com/v1
  kind: Limit
  metadata:
    name: other
    annotations:
      config.kubernetes.io/index: '0'
      config.k8s.io/id: '1'
  spec:
    maximum: 9223372036854775807
    mode: 0755
    text: "yes"
`
/** Of another generator. A function must not lose it. */
const secret = `- apiVersion: v1
  kind: Secret
  metadata:
    name: login
  data:
    password: c2VjcmV0LXZhbHVl
`

describe.skipIf(!servers)('mesh documents in a ResourceList', () => {
  let ground: Ground
  let federation: string
  let locality: string
  const node = `fn-${process.pid}`
  const listOf = (items: readonly string[], config = '') =>
    `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n${config}items:\n${items.join('')}`
  const configOf = (data: object) =>
    `functionConfig: ${JSON.stringify({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'fn'}, data})}\n`
  const fn = async (input: string, ...words: string[]) => {
    const {code, stdout, stderr} = await ground.mesh(['fn', ...words], {input})
    return {code, stderr, stdout, list: load(stdout) as List}
  }
  const documentOf = (kind: string, name: string, spec: object, annotations: object = {}) =>
    `- ${JSON.stringify({apiVersion: 'kubectl-mesh.io/v1alpha1', kind, metadata: {name, annotations}, spec})}\n`
  const namesIn = (items: readonly AnyObject[]) =>
    items.map(({kind, metadata: {namespace = '', name}}) => `${kind} ${namespace}/${name}`).sort()

  beforeAll(async () => {
    ground = await openGround(servers!)
    const {namespace: systemNamespace, clusters} = ground
    const server = Object.fromEntries(clusters.map(({context}) => [context, `https://${context}.test:6443`]))
    const contexts = clusters.map(({context}) => context)
    const path = {'internal.config.kubernetes.io/path': 'mesh/both.yaml', 'internal.config.kubernetes.io/index': '0'}
    federation = documentOf('Federation', 'both', {contexts, systemNamespace, server}, path)
    locality = documentOf('NodeLocalities', 'racks', {context: 'west', node: [node], region: 'eu', zone: 'eu-1'})
    await ground.cluster('west').api.create({apiVersion: 'v1', kind: 'Node', metadata: {name: node}})
  })
  afterAll(async () => {
    await ground?.cluster('west').api.delete(`/api/v1/nodes/${node}`)
    await ground?.close()
  })

  it('become the objects that render writes for the cluster; other items stay, and no cluster is written', async () => {
    ground.reset()
    const {code, stdout, stderr, list} = await fn(listOf([other, federation, secret, locality]), '--cluster', 'east')
    expect({code, stderr}).toMatchObject({code: 0, stderr: expect.stringMatching(/^left out: .* to apply$/m)})
    expect(stdout).toContain(`items:\n${other}${secret}`)
    expect(stdout).not.toMatch(/kubectl-mesh\.io\/v1alpha1\n {2}kind|BEGIN|eyJ/)
    expect(list.items.filter(({kind}) => kind === 'Secret')).toHaveLength(1)
    expect(ground.writes()).toEqual([])

    const files = join(ground.folder, 'mesh')
    const out = join(ground.folder, 'out')
    await mkdir(files)
    for (const [at, text] of [federation, locality].entries()) await writeFile(join(files, `${at}.yaml`), text.slice(2))
    expect(await ground.mesh(['render', '-f', files, '--for', 'kustomize', '--output-dir', out])).toMatchObject({
      code: 0,
    })
    const rendered = loadAll(await runOk(['kubectl', 'kustomize', join(out, 'clusters/east')])) as AnyObject[]
    expect(rendered.length).toBeGreaterThan(5)
    expect(namesIn(list.items.slice(2))).toEqual(namesIn(rendered))
    expect(list.results).toContainEqual({
      message: expect.stringMatching(/^left out: \d+ Secrets?; \d+ to apply/),
      severity: 'warning',
    })
  })

  it('a ConfigMap names the cluster and the engine', async () => {
    const config = configOf({cluster: 'west', for: 'argocd'})
    const {code, list} = await fn(listOf([federation, locality], config))
    expect(code).toBe(0)
    const nodes = list.items.filter(({kind}) => kind === 'Node')
    expect(nodes).toHaveLength(1)
    expect(nodes[0]!.metadata.annotations).toMatchObject({
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
    })
    for (const {metadata} of list.items) expect(metadata.annotations).toHaveProperty(['argocd.argoproj.io/sync-wave'])
  })

  it('a generator gets its document as functionConfig and as an item', async () => {
    const config = `functionConfig: ${locality.slice(2)}`
    const alone = await fn(listOf(['[]\n'], config).replace('items:\n', 'items: '))
    const twice = await fn(
      listOf(
        [locality.replace('"annotations":{}', '"annotations":{"config.kubernetes.io/local-config":"true"}')],
        config,
      ),
    )
    for (const {code, stderr, list} of [alone, twice]) {
      expect({code, stderr}).toMatchObject({code: 0})
      expect(namesIn(list.items)).toEqual([`Node /${node}`])
    }
  })

  it('several clusters without a choice, and a cluster that no document concerns, are errors', async () => {
    const several = await fn(listOf([other, federation]))
    expect(several).toMatchObject({code: 2, stderr: expect.stringContaining('clusters: east, west')})
    expect(several.list.items).toEqual([])
    expect(several.list.results![0]).toMatchObject({
      severity: 'error',
      message: expect.stringContaining('clusters: east, west'),
    })
    const wrong = await fn(listOf([federation]), '--cluster', 'north')
    expect(wrong).toMatchObject({code: 2, stderr: expect.stringContaining('cluster north: no document concerns it')})
  })

  it('an object that is an item gets the fields of both, and different values are an error', async () => {
    const labelled = (labels: object) =>
      `- ${JSON.stringify({apiVersion: 'v1', kind: 'Node', metadata: {name: node, labels}})}\n`
    const merged = await fn(listOf([labelled({team: 'a'}), locality]))
    expect(merged.list.items).toHaveLength(1)
    expect(merged.list.items[0]!.metadata.labels).toEqual({
      team: 'a',
      'topology.kubernetes.io/region': 'eu',
      'topology.kubernetes.io/zone': 'eu-1',
    })
    const clash = await fn(listOf([labelled({'topology.kubernetes.io/region': 'us'}), locality]))
    expect(clash).toMatchObject({code: 3, list: {items: []}})
    expect(clash.stderr).toContain(`node/${node}: the item in the list and the mesh documents set`)
  })

  it('an invalid document is a result with its reference and its file', async () => {
    const {code, stdout, list} = await fn(listOf([secret, federation.replace('"contexts"', '"contetxs"')]))
    expect(code).toBe(2)
    expect(stdout).not.toContain('c2VjcmV0')
    expect(list.results).toContainEqual({
      severity: 'error',
      message: expect.stringMatching(/^Federation both \(mesh\/both\.yaml:.*did you mean spec\.contexts\?/s),
      resourceRef: {apiVersion: 'kubectl-mesh.io/v1alpha1', kind: 'Federation', name: 'both'},
      file: {path: 'mesh/both.yaml', index: 0},
    })
  })

  it('a cluster that is not reachable is an error, and no object is printed', async () => {
    ground.cluster('east').proxy.decide = async () => 'reset' as const
    const {code, list} = await fn(listOf([other, federation]), '--cluster', 'west')
    ground.reset()
    expect(code).toBe(3)
    expect(list).toMatchObject({items: [], results: [{severity: 'error'}]})
  })
})
