import type {ChildProcess} from 'node:child_process'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Ground} from '../../support/ground/ground.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, deployService, importsOf, openGateways, service} from './support.ts'

const servers = sharedServers()
const label = {'mesh.kubectl-mesh.io/export': 'true'}
const spec = {selector: {app: 'hello'}, ports: [{port: 80, name: 'http'}]}

describe.skipIf(!servers)('service export --watch', () => {
  let ground: Ground
  let sample: string
  beforeAll(async () => {
    ground = await openGateways(servers!)
    sample = `${ground.namespace}-s`
    for (const {api} of ground.clusters) await deployHello(api, sample)
    await deployService(ground.cluster('east').api, sample, 'byhand', spec)
  })
  afterAll(() => ground?.close())

  const hosts = async (cluster: string) =>
    Object.keys(await importsOf(ground.cluster(cluster).api, ground.namespace))
      .filter(key => key.startsWith('entry '))
      .map(key => key.replace(/^entry (\w+)\..*$/, '$1'))

  it('follows the label despite failures of API servers, until Ctrl-C, and keeps other exports', async () => {
    const {api, proxy} = ground.cluster('east')
    expect(
      (await service(ground, ['export', 'byhand', '-n', sample, '--contexts', 'east', '--to', 'west', '--yes'])).code,
    ).toBe(0)
    let child: ChildProcess | undefined
    let stderr = ''
    const args = [
      'service',
      'export',
      '--watch',
      '--contexts',
      'east',
      '--to',
      'west',
      '-n',
      sample,
      '--interval',
      '1s',
      '--yes',
    ]
    const ended = ground.mesh([...args, '--system-namespace', ground.namespace], {
      onStart: started => {
        child = started
        started.stderr!.on('data', chunk => (stderr += chunk))
      },
    })
    await expect.poll(() => stderr, {timeout: 60_000}).toContain('watching Services labelled')
    expect(await hosts('west')).toEqual(['byhand'])

    await deployService(api, sample, 'hello', spec, label)
    await expect.poll(() => hosts('west'), {timeout: 60_000}).toEqual(['byhand', 'hello'])

    // Exports of a cluster that does not answer are kept, and the failure is reported once.
    proxy.decide = () => ({status: 403, body: {kind: 'Status', code: 403, reason: 'Forbidden', message: 'not today'}})
    await expect.poll(() => stderr, {timeout: 60_000}).toContain('not today')
    await new Promise(resolve => setTimeout(resolve, 2500))
    expect(stderr.split('not today')).toHaveLength(2)
    expect(await hosts('west')).toEqual(['byhand', 'hello'])
    proxy.decide = () => 'pass'

    // A ServiceEntry that was deleted is created again.
    await ground
      .cluster('west')
      .api.delete(`/apis/networking.istio.io/v1/namespaces/${ground.namespace}/serviceentries/hello.${sample}.global`)
    await expect.poll(() => hosts('west'), {timeout: 60_000}).toEqual(['byhand', 'hello'])

    await deployService(api, sample, 'hello', spec)
    await expect.poll(() => hosts('west'), {timeout: 60_000}).toEqual(['byhand'])
    child!.kill('SIGINT')
    const {code, stdout} = await ended
    expect(code, stderr).toBe(130)
    expect(stdout).toMatch(/serviceentry\.networking\.istio\.io\/hello\.\S+ deleted \(west\)/)
    ground.reset()
  })

  it('with --output-dir, updates files on changes and changes no cluster', async () => {
    const {readdir} = await import('node:fs/promises')
    const folder = `${ground.folder}/watched`
    let child: ChildProcess | undefined
    const args = [
      'service',
      'export',
      '--watch',
      '--contexts',
      'east',
      '--to',
      'west',
      '-n',
      sample,
      '--interval',
      '1s',
    ]
    const ended = ground.mesh([...args, '--output-dir', folder, '--system-namespace', ground.namespace], {
      onStart: started => (child = started),
    })
    const files = () => readdir(`${folder}/west`).catch(() => [])
    const entries = async () =>
      (await files()).filter(name => name.includes('serviceentry')).map(name => name.split(/[-.]/)[2])
    await expect.poll(entries, {timeout: 60_000}).toEqual(['byhand'])
    await deployService(ground.cluster('east').api, sample, 'hello', spec, label)
    await expect.poll(entries, {timeout: 60_000}).toEqual(['byhand', 'hello'])
    child!.kill('SIGINT')
    expect((await ended).code).toBe(130)
    expect(ground.writes()).toEqual([])
  })

  it('requires confirmation, and refuses a dry run', async () => {
    const args = ['export', '--watch', '--contexts', 'east', '--to', 'west']
    expect(await service(ground, args)).toMatchObject({code: 2, stderr: expect.stringContaining('add --yes')})
    expect(await service(ground, [...args, '--dry-run=server'])).toMatchObject({code: 2})
  })
})
