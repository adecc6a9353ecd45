import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Ground} from '../../support/ground/ground.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, deployService, openGateways, service} from './support.ts'

const servers = sharedServers()

interface Report {
  verified: {checks: {id: string}[]; findings: {check: string; message: string; hints?: string[]}[]}[]
}

describe.skipIf(!servers)('federate verify of imported services', () => {
  let ground: Ground
  let sample: string
  let host: string

  beforeAll(async () => {
    // Its istiod reports the cluster ID east.
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

  /** Findings for the imports of west. No istiod runs here, so that the other checks find errors. */
  async function found() {
    const where = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const {stdout, stderr} = await ground.mesh(['federate', 'verify', ...where, '-o', 'json'])
    if (stdout === '') throw new Error(stderr)
    const west = (JSON.parse(stdout) as Report).verified[1]!
    expect(west.checks.map(({id}) => id)).toContain('imports-current')
    return west.findings.filter(({check}) => check === 'imports-current').map(({message, hints}) => ({message, hints}))
  }

  it('an import is compared with the exporter by its name at the export, and nothing is written', async () => {
    expect(await found()).toEqual([])
    expect(ground.writes()).toEqual([])
  })

  it('a new service account and a new port are reported; the hint is the export that corrects it', async () => {
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
      {message: `${host} accepts only sa/hello; its pods in orient run as sa/hello, sa/other`, hints},
      {message: `${host} has ports 80/HTTP; the Service in orient has 80/HTTP, 90/GRPC`, hints},
    ])
    expect((await ground.mesh([...args.split(' '), '--yes'])).code).toBe(0)
    expect(await found()).toEqual([])
  })
})
