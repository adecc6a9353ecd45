import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Ground} from '../../support/ground/ground.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, federateGateways, importsOf, openGateways, service} from './support.ts'

const servers = sharedServers()

describe.skipIf(!servers)('a cluster that joined gateways mode with another name than that of its istiod', () => {
  let ground: Ground
  let sample: string

  beforeAll(async () => {
    ground = await openGateways(servers!)
    sample = `${ground.namespace}-s`
    for (const {api} of ground.clusters) await deployHello(api, sample)
  })
  afterAll(() => ground?.close())

  const mesh = (verb: string, ...args: string[]) =>
    ground.mesh(['federate', verb, '--system-namespace', ground.namespace, ...args])

  it('keeps its name, cannot be renamed, and is removed by its name', async () => {
    const refused = await federateGateways(ground, ['--cluster-name', 'east=orient', '--yes'])
    expect(refused).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /orient: the cluster joined as east, and .* import its services .*\nhint: +--cluster-name east=east/,
      ),
    })
    expect(await mesh('remove', '--contexts', 'east,west', '--yes')).toMatchObject({code: 0})
    const joined = await federateGateways(ground, ['--cluster-name', 'east=orient', '--yes'])
    expect(joined.code, joined.stderr).toBe(0)
    const exported = await service(ground, [
      'export',
      'hello',
      '-n',
      sample,
      '--contexts',
      'east',
      '--to',
      'west',
      '--yes',
    ])
    expect(exported.code, exported.stderr).toBe(0)
    expect(Object.keys(await importsOf(ground.cluster('west').api, ground.namespace))).toHaveLength(2)
    expect((await mesh('status', '--contexts', 'east,west')).stdout).toMatch(/^orient /m)
    expect(await federateGateways(ground, ['--dry-run=server', '--exit-code'])).toMatchObject({code: 0})
    expect(await mesh('remove', '--contexts', 'east', '--from', 'west', '--yes')).toMatchObject({code: 0})
    expect(await importsOf(ground.cluster('west').api, ground.namespace)).toEqual({})
  })
})
