import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {killedAfter} from '../../support/ground/killed.ts'
import {comparable, readAll} from '../../support/ground/objects.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

/** Localities of nodes in two clusters, and balancing in one. Returns the file. */
async function writeFiles(ground: Ground, node: string): Promise<string> {
  const {namespace} = ground
  for (const {api} of ground.clusters) await api.create({apiVersion: 'v1', kind: 'Node', metadata: {name: node}})
  const service = {apiVersion: 'v1', kind: 'Service', metadata: {name: 'web', namespace}, spec: {ports: [{port: 80}]}}
  await ground.cluster('east').api.create(service)
  const documents = [
    ['LocalityBalance', 'web', {context: 'east', host: [`web.${namespace}.svc`], failoverPriority: ['app']}],
    ['NodeLocalities', 'east', {context: 'east', node: [node], region: 'eu', zone: 'eu-1'}],
    ['NodeLocalities', 'west', {context: 'west', node: [node], region: 'us', zone: 'us-1'}],
  ].map(([kind, name, spec]) => {
    const more = kind === 'LocalityBalance' ? {systemNamespace: namespace} : {}
    const metadata = {name: name as string}
    return JSON.stringify({
      apiVersion: 'kubectl-mesh.io/v1alpha1',
      kind,
      metadata,
      spec: {...(spec as object), ...more},
    })
  })
  const file = join(ground.folder, 'mesh.yaml')
  await writeFile(file, documents.join('\n---\n'))
  return file
}

/** The objects of the ground and its nodes, in a form that is comparable between grounds. */
async function stateOf(ground: Ground, node: string): Promise<unknown> {
  return Promise.all(
    ground.clusters.map(async ({api}) => {
      const labels = (await api.get<{metadata: {labels?: object}}>(`/api/v1/nodes/${node}`))!.metadata.labels
      return [labels, comparable(await readAll(api, ground.namespace), ground.namespace)]
    }),
  )
}

/** Kills (SIGKILL) `apply` at its second write. Returns whether it was killed. */
async function killAtSecondWrite(ground: Ground, file: string): Promise<boolean> {
  const {code, stderr} = await ground.mesh(['apply', '-f', file, '--yes'], killedAfter(ground, 1))
  ground.reset()
  if (code === 0) return false
  expect(code, stderr).toBe(-1)
  return true
}

describe.skipIf(!servers)('apply of several documents', () => {
  it('makes the changes of the plan; killed after each write in turn, it converges to the same state', async () => {
    const [one, other] = [await openGround(servers!), await openGround(servers!)]
    const [node, otherNode] = [`kill-a-${process.pid}`, `kill-b-${process.pid}`]
    const file = await writeFiles(one, node)
    const plan = await one.mesh(['plan', '-f', file])
    expect(plan).toMatchObject({code: 0})
    const planned = [...plan.stdout.matchAll(/(\d+) to (?:create|change)/g)].reduce((sum, [, n]) => sum + Number(n), 0)
    const undisturbed = await one.mesh(['apply', '-f', file, '--yes'])
    expect(undisturbed.code, undisturbed.stderr).toBe(0)
    expect(undisturbed.stdout.match(/ (?:serverside-applied|edited|created) \(/g)).toHaveLength(planned)

    const otherFile = await writeFiles(other, otherNode)
    let kills = 0
    while (await killAtSecondWrite(other, otherFile)) expect(++kills).toBeLessThan(20)
    expect(kills).toBeGreaterThan(1)
    const rename = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll(otherNode, node)) as unknown
    expect(rename(await stateOf(other, otherNode))).toEqual(await stateOf(one, node))
    expect(await other.mesh(['diff', '-f', otherFile, '--exit-code'])).toMatchObject({code: 0})

    for (const [ground, name] of [
      [one, node],
      [other, otherNode],
    ] as const) {
      for (const {api} of ground.clusters) await api.delete(`/api/v1/nodes/${name}`)
      await ground.close()
    }
  })

  it('a document whose cluster does not exist: reported with its place, and nothing is read', async () => {
    const ground = await openGround(servers!)
    const file = join(ground.folder, 'mesh.yaml')
    await writeFile(file, 'apiVersion: kubectl-mesh.io/v1alpha1\nkind: Tenant\nspec: {name: a, context: eastt}\n')
    ground.reset()
    const {code, stderr} = await ground.mesh(['apply', '-f', file, '--yes'])
    expect({code, stderr}).toEqual({
      code: 2,
      stderr: `error: ${file}:3:17: context eastt of Tenant a is not in the kubeconfig\nhint:  did you mean east?\n`,
    })
    await ground.close()
  })
})
