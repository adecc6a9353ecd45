import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {readAll} from '../../support/ground/objects.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('mesh files for two clusters', () => {
  let ground: Ground
  let folder: string
  let namespace: string
  const node = `files-${process.pid}`
  const state = () => Promise.all(ground.clusters.map(({api}) => readAll(api, ground.namespace)))
  const files = (command: string, ...args: string[]) => ground.mesh([command, '-f', folder, ...args])

  beforeAll(async () => {
    ground = await openGround(servers!)
    namespace = ground.namespace
    folder = join(ground.folder, 'mesh')
    await mkdir(folder)
    const document = (kind: string, name: string, spec: object) =>
      writeFile(
        join(folder, `${kind}.yaml`),
        `# ${kind}\n${JSON.stringify({apiVersion: 'kubectl-mesh.io/v1alpha1', kind, metadata: {name}, spec})}\n`,
      )
    const server = Object.fromEntries(ground.clusters.map(({context}) => [context, `https://${context}.test:6443`]))
    const contexts = ground.clusters.map(({context}) => context)
    await document('Federation', 'both', {contexts, systemNamespace: namespace, server})
    await document('VirtualMachine', 'db', {
      context: 'east',
      namespace: `${namespace}-vm`,
      systemNamespace: namespace,
      serviceAccount: 'db',
      port: ['tcp:5432'],
      address: ['10.0.0.5'],
    })
    await document('NodeLocalities', 'racks', {context: 'west', node: [node], region: 'eu', zone: 'eu-1'})
    await ground.cluster('west').api.create({apiVersion: 'v1', kind: 'Node', metadata: {name: node}})
  })
  afterAll(async () => {
    await ground?.cluster('west').api.delete(`/api/v1/nodes/${node}`)
    await ground?.close()
  })

  it('plan shows one plan for all clusters, and what is planned later; it writes nothing', async () => {
    ground.reset()
    const {code, stdout, stderr} = await files('plan', '--exit-code')
    expect({code, stderr}).toEqual({
      code: 1,
      stderr: expect.stringContaining('3 documents: 2 with changes, 1 planned later'),
    })
    expect(stdout.match(/^# (east|west): .*/gm)).toHaveLength(2)
    expect(stdout).toContain(`topology.kubernetes.io/region: eu`)
    expect(stderr).toMatch(
      /VirtualMachine db \(.*VirtualMachine\.yaml:2\) is planned after Federation both:\n {2}the cluster has no east-west/,
    )
    expect(ground.writes()).toEqual([])
  })

  it('apply makes exactly the changes of the plan, in the order of the dependencies', async () => {
    const {code, stdout, stderr} = await files('apply', '--yes', '-o', 'json')
    expect({code, stderr}).toMatchObject({code: 0})
    expect(JSON.parse(stdout).documents).toMatchObject([
      {kind: 'Federation', name: 'both', result: 'applied'},
      {kind: 'NodeLocalities', name: 'racks', result: 'applied', written: 1},
      {kind: 'VirtualMachine', name: 'db', result: 'applied'},
    ])
  })

  it('a second apply writes nothing, and diff finds nothing', async () => {
    ground.reset()
    const before = await state()
    const again = await files('apply', '--yes')
    expect(again).toMatchObject({code: 0})
    expect(again.stdout).not.toContain('serverside-applied')
    expect(ground.writes()).toEqual([])
    expect(await files('diff', '--exit-code')).toMatchObject({code: 0})
    expect(await state()).toEqual(before)
  })

  it('diff reports drift per document', async () => {
    const {api} = ground.cluster('west')
    await api.delete(`/api/v1/nodes/${node}`)
    await api.create({apiVersion: 'v1', kind: 'Node', metadata: {name: node}})
    const table = await files('diff', '--exit-code', '-o', 'table')
    expect(table).toMatchObject({code: 1})
    expect(table.stdout).toMatch(/^NodeLocalities +racks +west +differs +0 +1 +0$/m)
    expect(table.stdout).toMatch(/^Federation +both +east,west +unchanged +0 +0 +0$/m)
    const junit = await files('diff', '-o', 'junit')
    expect(junit).toMatchObject({code: 0})
    expect(junit.stdout).toContain('tests="3" failures="1"')
  })

  it('a saved plan is applied exactly, and refused if the cluster has changed', async () => {
    const {api} = ground.cluster('west')
    const plan = join(ground.folder, 'plan.json')
    const labelled = (labels: Record<string, string>) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {name: node, labels},
    })
    expect(await files('plan', '--out', plan)).toMatchObject({code: 0})
    await api.apply(labelled({changed: 'yes'}))
    ground.reset()
    const refused = await ground.mesh(['apply', plan, '--yes'])
    expect(refused).toMatchObject({code: 3, stdout: ''})
    expect(refused.stderr).toMatch(
      /error: NodeLocalities racks .*: west: update Node files-\d+: the object has changed\nhint: {2}/,
    )
    expect(ground.writes()).toEqual([])
    expect(await files('plan', '--out', plan)).toMatchObject({code: 0})
    expect(JSON.stringify(JSON.parse(await readFile(plan, 'utf8')))).not.toMatch(/"data"|BEGIN|eyJ/)
    const applied = await ground.mesh(['apply', plan, '--yes', '-o', 'name'])
    expect(applied).toMatchObject({code: 0})
    expect(await files('diff', '--exit-code', '-o', 'table')).toMatchObject({code: 0})
  })
})
