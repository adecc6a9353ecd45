import {afterAll, beforeAll, describe, expect, inject, it} from 'vitest'
import type {Ground} from '../../support/ground.ts'
import {deployHello, deployService, openGateways, service} from './support.ts'

const servers = inject('servers')

interface Report {
  verified: {checks: {id: string}[]; findings: {check: string; message: string; hints?: string[]}[]}[]
}

describe.skipIf(!servers)('federate verify of what is imported', () => {
  let ground: Ground
  let sample: string
  let host: string

  beforeAll(async () => {
    // its istiod calls it east
    ground = await openGateways(servers!, ['--cluster-name', 'east=orient'])
    sample = `${ground.namespace}-s`
    host = `hello.${sample}.global`
    const {api} = ground.cluster('east')
    await deployHello(api, sample)
    const args = ['export', 'hello', '-n', sample, '--contexts', 'east', '--to', 'west', '--yes']
    expect((await service(ground, args)).code).toBe(0)
    ground.reset()
  })
  afterAll(() => ground?.close())

  /** What is found of west's imports; that no istiod answers here is none of it. */
  async function found() {
    const where = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const {stdout, stderr} = await ground.mesh(['federate', 'verify', ...where, '-o', 'json'])
    if (stdout === '') throw new Error(stderr)
    const west = (JSON.parse(stdout) as Report).verified[1]!
    expect(west.checks.map(({id}) => id)).toContain('imports-current')
    return west.findings.filter(({check}) => check === 'imports-current').map(({message, hints}) => ({message, hints}))
  }

  it('an import is held against the exporter by the name under which it was exported, and nothing is written', async () => {
    expect(await found()).toEqual([])
    expect(ground.writes()).toEqual([])
  })

  it('a new account and a new port are told, with the export that puts it right', async () => {
    const {api} = ground.cluster('east')
    await api.apply({apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: 'other', namespace: sample}})
    await api.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {name: 'other', namespace: sample, labels: {app: 'hello'}},
      spec: {serviceAccountName: 'other', automountServiceAccountToken: false, containers: [{name: 'a', image: 'a'}]},
    })
    const ports = [
      {port: 80, name: 'http'},
      {port: 90, name: 'grpc'},
    ]
    await deployService(api, sample, 'hello', {selector: {app: 'hello'}, ports})
    const args = `service export hello -n ${sample} --contexts east --to west --system-namespace ${ground.namespace}`
    const hints = [`kubectl mesh ${args}`]
    expect(await found()).toEqual([
      {message: `${host} accepts only sa/hello, and its pods in orient are sa/hello, sa/other`, hints},
      {message: `${host} offers the ports 80/HTTP of orient, and the Service there has 80/HTTP, 90/GRPC`, hints},
    ])
    expect((await ground.mesh([...args.split(' '), '--yes'])).code).toBe(0)
    expect(await found()).toEqual([])
  })
})
