import {spawn} from 'node:child_process'
import {connect} from 'node:net'
import {join} from 'node:path'
import {loadAll} from 'js-yaml'
import {describe, expect, inject, test} from 'vitest'
import {labCache} from '../support/binaries.ts'
import {buildControlPlane} from '../support/fake/control-plane.ts'
import {runOk} from '../support/run.ts'
import type {AnyObject} from '../support/servers/api.ts'

describe.skipIf(!inject('lab').clusters)('the lab', () => {
  test.each(['default', 'r1'])('fakeControlPlane creates the objects of istioctl, revision %s', async revision => {
    const fake = buildControlPlane({
      revision,
      version: '1.2.3',
      clusterName: 'c1',
      meshID: 'm1',
      network: 'n1',
      trustDomain: 'td',
    })
    const sets = {
      profile: 'minimal',
      hub: 'istio',
      tag: '1.2.3',
      'meshConfig.trustDomain': 'td',
      'values.global.meshID': 'm1',
      'values.global.network': 'n1',
      'values.global.multiCluster.clusterName': 'c1',
      ...(revision === 'default' ? {} : {revision}),
    }
    const flags = Object.entries(sets).flatMap(([key, value]) => ['--set', `${key}=${value}`])
    const yaml = await runOk([join(labCache().bin, 'istioctl'), 'manifest', 'generate', ...flags])
    const real = loadAll(yaml) as (AnyObject | null)[]
    expect(fake).toHaveLength(4)
    for (const object of fake) {
      const counterpart = real.find(
        other => other?.kind === object.kind && other.metadata.name === object.metadata.name,
      )
      expect(comparable(counterpart!)).toMatchObject(comparable(object))
    }
  })

  test('API servers end when the process that started them is killed', async () => {
    const code = `
      const {startServers} = await import(${JSON.stringify(join(import.meta.dirname, '../support/servers/servers.ts'))})
      const {readFileSync} = await import('node:fs')
      const {kubeconfig} = await startServers(['one'], {crds: false})
      process.stdout.write(/https:\\S+/.exec(readFileSync(kubeconfig, 'utf8'))[0])
      setInterval(() => undefined, 1000)`
    const owner = spawn(process.execPath, ['--input-type=module', '-e', code], {stdio: ['ignore', 'pipe', 'inherit']})
    const url = new URL(
      await new Promise<string>(resolve => owner.stdout.once('data', chunk => resolve(String(chunk)))),
    )
    expect(await listens(Number(url.port))).toBe(true)
    owner.kill('SIGKILL')
    await expect.poll(() => listens(Number(url.port)), {timeout: 30_000}).toBe(false)
  }, 60_000)
})

/** Parses the embedded documents of an object, and turns lists with names into maps, so that `toMatchObject` ignores further entries. */
function comparable(object: AnyObject): object {
  return JSON.parse(JSON.stringify(object), (key, value) => {
    if (key === 'mesh') return loadAll(value as string)[0]
    if (key === 'values' && typeof value === 'string') return JSON.parse(value)
    if (key === 'env' || key === 'containers')
      return Object.fromEntries((value as {name: string}[]).map(entry => [entry.name, entry]))
    if (key === 'args') return undefined
    return value
  })
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
