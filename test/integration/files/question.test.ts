import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {meshFileVersion} from '../../../src/spec/documents/kind.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {home, programWords} from '../../support/ground/program.ts'
import {startPty} from '../../support/pty.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('apply on a terminal', () => {
  let ground: Ground
  let file: string
  const node = `asked-${process.pid}`

  beforeAll(async () => {
    ground = await openGround(servers!)
    file = join(ground.folder, 'mesh.yaml')
    const documents = ground.clusters.map(({context}) => ({
      apiVersion: meshFileVersion,
      kind: 'NodeLocalities',
      metadata: {name: context},
      spec: {context, node: [node], region: context},
    }))
    await writeFile(file, documents.map(document => JSON.stringify(document)).join('\n---\n'))
    for (const {api} of ground.clusters) await api.create({apiVersion: 'v1', kind: 'Node', metadata: {name: node}})
  })
  afterAll(async () => {
    for (const {api} of ground?.clusters ?? []) await api.delete(`/api/v1/nodes/${node}`)
    await ground?.close()
  })

  async function answer(text: string): Promise<{code: number; shown: string}> {
    const env = {...ground.env, HOME: home, NO_COLOR: '1'}
    const pty = startPty([...programWords, 'apply', '-f', 'mesh.yaml'], {
      cwd: ground.folder,
      env,
      size: {columns: 100, rows: 40},
    })
    await pty.sees('[s]ave')
    pty.type(`${text}\r`)
    const code = await pty.ended
    return {code, shown: await pty.shows()}
  }

  it('asks one question for all clusters; no writes nothing and prints how to repeat the run', async () => {
    ground.reset()
    const {code, shown} = await answer('n')
    expect(code).toBe(3)
    expect(shown.match(/\[s\]ave/g)).toHaveLength(1)
    expect(shown).toMatch(/^east +\+ 0 create +~ 1 change/m)
    expect(shown).toMatch(/^west +\+ 0 create +~ 1 change/m)
    expect(shown).toContain('to repeat this run: kubectl mesh apply -f mesh.yaml')
    expect(ground.writes()).toEqual([])
  })

  it('yes applies all documents, and prints one report', async () => {
    const {code, shown} = await answer('y')
    expect(code).toBe(0)
    expect(shown.match(/\[s\]ave/g)).toHaveLength(1)
    expect(shown).toMatch(/NodeLocalities +east +applied +1 +mesh\.yaml:1/)
    expect(shown).toMatch(/NodeLocalities +west +applied +1 +mesh\.yaml:3/)
    for (const {api, context} of ground.clusters)
      expect(await api.get(`/api/v1/nodes/${node}`)).toMatchObject({
        metadata: {labels: {'topology.kubernetes.io/region': context}},
      })
  })
})
