import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {dump, load} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {clusterEntry} from '../../support/ground/entries.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('the certificate authority of remote Secrets', () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(servers!)
  })
  afterAll(() => ground?.close())

  /** The certificate authority and the server in the remote Secret that east holds for west. */
  async function registered(): Promise<Record<string, string>> {
    const path = `/api/v1/namespaces/${ground.namespace}/secrets/istio-remote-secret-west`
    const {data} = (await ground.cluster('east').api.get<AnyObject & {data: {west: string}}>(path))!
    const {clusters} = load(Buffer.from(data.west, 'base64').toString()) as {
      clusters: [{cluster: Record<string, string>}]
    }
    return clusters[0].cluster
  }

  it('is that of the server in --server, not that of the proxy in the kubeconfig', async () => {
    const {entry} = await clusterEntry(ground.cluster('west').direct)
    const args = ['federate', '--contexts', 'east,west', '--system-namespace', ground.namespace, '--yes']
    const toServers = ['--server', 'east=https://east.test:6443', '--server', `west=${String(entry.server)}`]
    const {code, stderr} = await ground.mesh([...args, ...toServers])
    expect(code, stderr).toBe(0)
    const {server, 'certificate-authority-data': authority} = await registered()
    expect(server).toBe(entry.server)
    expect(decoded(authority!)).toBe(decoded(String(entry['certificate-authority-data'])))
  })

  it('is that of the cluster for a kubeconfig that skips the verification, and stays the same', async () => {
    const {config, entry} = await clusterEntry(ground.cluster('west').direct)
    const before = await registered()
    const {'certificate-authority-data': _authority, ...unverified} = entry
    for (const one of config.clusters)
      if (one.cluster === entry) one.cluster = {...unverified, 'insecure-skip-tls-verify': true}
    const file = join(ground.folder, 'insecure.yaml')
    await writeFile(file, dump({...config, contexts: config.contexts.filter(({name}) => name === 'west')}), {
      mode: 0o600,
    })
    const args = ['federate', '--contexts', 'east,west', '--system-namespace', ground.namespace, '--yes']
    const env = {KUBECONFIG: `${file}:${ground.cluster('east').proxy.kubeconfig}`}
    const {code, stdout, stderr} = await ground.mesh(args, {env})
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^east .* 1 of 1 +joined$|^east .* unchanged +joined$/m)
    expect(await registered()).toEqual(before)
  })

  it('a server that neither the kubeconfig nor the cluster verifies is refused before any write', async () => {
    const {config, entry} = await clusterEntry(ground.cluster('west').direct)
    const file = join(ground.folder, 'direct.yaml')
    await writeFile(file, dump({...config, contexts: config.contexts.filter(({name}) => name === 'west')}), {
      mode: 0o600,
    })
    const before = await registered()
    const {url} = ground.cluster('west').proxy
    expect(url).not.toBe(entry.server)
    ground.reset()
    const args = ['federate', '--contexts', 'east,west', '--system-namespace', ground.namespace, '--yes']
    const env = {KUBECONFIG: `${file}:${ground.cluster('east').proxy.kubeconfig}`}
    const refused = await ground.mesh([...args, '--server', `west=${url}`], {env})
    expect({code: refused.code, stdout: refused.stdout}, refused.stderr).toEqual({code: 3, stdout: ''})
    expect(refused.stderr).toContain(
      `error: west: the certificate of its API server ${url} is signed neither by the certificate authority of the kubeconfig nor by that of the cluster`,
    )
    expect(ground.writes()).toEqual([])
    expect(await registered()).toEqual(before)
  })
})

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString().trim()
}
