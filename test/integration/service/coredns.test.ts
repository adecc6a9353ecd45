import {type ChildProcess, spawn} from 'node:child_process'
import {Resolver} from 'node:dns/promises'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, describe, expect, inject, it, vi} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {editObject, objectOfEdit} from '../../../src/engine/plan/edit.ts'
import {buildDnsStub} from '../../../src/mesh/dns/objects-stub.ts'
import {findFreePorts} from '../../support/ports.ts'
import {corefiles, oldStub} from './corefiles.ts'

const coredns = inject('coredns')
const host = 'hello.sample.global'

/** The data of ConfigMaps in kube-system, by name. */
type Maps = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Returns the ConfigMaps after `--dns coredns`. */
function withStub(maps: Maps, replace = false): Maps {
  const objects = Object.entries(maps).map(([name, data]): KubernetesObject => {
    return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name, namespace: 'kube-system'}, data}
  })
  const names = new Map([[host, ['240.241.0.9', '2001:db8::9']]])
  const found = {read: [], objects}
  const change = buildDnsStub({cluster: 'a', dns: 'coredns', names, forward: [], forwardBefore: [], found, replace})
  if (change.action === 'remove') throw new Error('the stub removes an object')
  if (change.action === 'apply') return {...maps, [change.object.metadata.name]: change.object.data as never}
  const live = objects.find(({metadata}) => metadata.name === change.target.name)
  const {data} = live ? editObject(live, change.edits, 'm').merged : objectOfEdit(change)
  return {...maps, [change.target.name]: data as Record<string, string>}
}

describe.skipIf(coredns === undefined)('a real CoreDNS', () => {
  let child: ChildProcess | undefined
  let folder: string | undefined
  afterEach(async () => {
    child?.kill('SIGKILL')
    if (folder !== undefined) await rm(folder, {recursive: true})
  })

  /** Starts CoreDNS with the files that the ConfigMaps are mounted as. Returns once it serves, or has ended with its output. */
  async function start(maps: Maps): Promise<string> {
    folder = await mkdtemp(join(tmpdir(), 'mesh-coredns-'))
    await mkdir(join(folder, 'custom'))
    await writeFile(join(folder, 'NodeHosts'), '192.0.2.1 node-1\n')
    await writeFile(join(folder, 'Corefile'), maps.coredns!.Corefile!.replaceAll('/etc/coredns/', ''))
    for (const [key, text] of Object.entries(maps['coredns-custom'] ?? {}))
      await writeFile(join(folder, 'custom', key), text)
    const started = spawn(coredns!, ['-conf', 'Corefile'], {
      cwd: folder,
      env: {...process.env, UPSTREAM: '127.0.0.1:1'},
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    return new Promise((resolve, reject) => {
      let output = ''
      const read = (chunk: Buffer) => {
        output += chunk
        // The last line of its start (coredns coremain/run.go, 1.15).
        if (/^linux\/|^darwin\//m.test(output)) resolve('')
      }
      started.stdout.on('data', read)
      started.stderr.on('data', read)
      started.on('error', reject)
      // Its output is complete.
      started.on('close', () => resolve(output))
    })
  }

  async function answers(port: number) {
    const resolver = new Resolver({timeout: 5000, tries: 3})
    resolver.setServers([`127.0.0.1:${port}`])
    const codeOf = (name: string) =>
      resolver.resolve4(name).then(
        found => found.join(),
        (error: {code: string}) => error.code,
      )
    return {
      known: await codeOf(host),
      v6: await resolver.resolve6(host),
      unknown: await codeOf('other.sample.global'),
    }
  }

  const resolved = {known: '240.241.0.9', v6: ['2001:db8::9'], unknown: 'ENOTFOUND'}

  it.each(Object.keys(corefiles))('answers for .global with the Corefile of %s', async name => {
    const port = await findFreePorts(1)
    const maps = withStub({coredns: {Corefile: corefiles[name]!.replaceAll('PORT', `${port}`)}})
    expect(await start(maps)).toBe('')
    expect(await answers(port)).toEqual(resolved)
  })

  it('rejects a second block for the zone, which is why an existing one is refused', async () => {
    const port = await findFreePorts(1)
    const text = (corefiles.AKS! + oldStub).replaceAll('PORT', `${port}`)
    expect(() => withStub({coredns: {Corefile: text}})).toThrow('already has a server block for global')
    const custom = {'kubectl-mesh.server': oldStub.replaceAll('PORT', `${port}`)}
    expect(await start({coredns: {Corefile: text}, 'coredns-custom': custom})).toContain('it is already defined')
  })

  it.each(['the Corefile', 'coredns-custom'])('answers where the old stub in %s is replaced', async place => {
    const port = await findFreePorts(1)
    const stub = oldStub.replaceAll('PORT', `${port}`)
    const corefile = corefiles.AKS!.replaceAll('PORT', `${port}`)
    const before: Maps =
      place === 'the Corefile'
        ? {coredns: {Corefile: corefile + stub}}
        : {coredns: {Corefile: corefile}, 'coredns-custom': {'global.server': stub}}
    expect(await start(withStub(before, true))).toBe('')
    expect(await answers(port)).toEqual(resolved)
  })

  it('reloads a file that the Corefile imports', async () => {
    const port = await findFreePorts(1)
    const Corefile = corefiles.AKS!.replaceAll('PORT', `${port}`).replace('reload', 'reload 2s 1s')
    expect(await start({coredns: {Corefile}})).toBe('')
    const {'coredns-custom': custom} = withStub({coredns: {Corefile}})
    await writeFile(join(folder!, 'custom', 'kubectl-mesh.server'), custom!['kubectl-mesh.server']!)
    await vi.waitFor(async () => expect(await answers(port)).toEqual(resolved), {timeout: 60_000, interval: 500})
  })
})
