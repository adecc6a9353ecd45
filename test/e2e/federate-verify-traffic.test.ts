import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {programWords} from '../support/ground/program.ts'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {showDebugPages} from '../support/lab/debug-pages.ts'
import {helloClient, playCurl, playKubelet, temporaryNamespace} from '../support/lab/hello-pods.ts'
import {type DataPlaneLab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk, serverFlags} from '../support/lab/mesh.ts'
import {runOk} from '../support/run.ts'

const clusters = [
  {name: 'east', network: 'net-east'},
  {name: 'west', network: 'net-west'},
] as const

describe.skipIf(!inject('lab').dataplane)('mesh federate verify --traffic with real traffic', () => {
  let lab: DataPlaneLab
  let unplay: (() => Promise<void>) | undefined

  beforeAll(async () => {
    unplay = await playCurl()
    lab = await startLab({clusters: clusters.map(({name}) => name), dataplane: true})
    for (const {name, network} of clusters) await installControlPlane(lab, name, {network})
    const ca = join(lab.dir, 'ca')
    await meshOk(lab, ['ca', 'init', '--dir', ca])
    const servers = await serverFlags(lab)
    const federated = mesh(lab, ['federate', '--contexts', 'east,west', '--ca-dir', ca, ...servers, '--yes'])
    for (const {name} of clusters) {
      const pods = ['-n', 'istio-system', 'get', 'pod', '-l', 'istio=eastwestgateway', '-o', 'name']
      await vi.waitUntil(async () => (await lab.kubectl(name, pods)) !== '', {timeout: 60_000, interval: 500})
      // A running istiod uses the first cacerts only after its next start (istio#57853).
      const {http} = await lab.istiod(name)
      await lab.real(name)
      await showDebugPages(lab, name, http)
    }
    const {code, stdout, stderr} = await federated
    if (code !== 0) throw new Error(`federate ended with ${code}\n${stdout}\n${stderr}`)
  })

  afterAll(async () => {
    await lab?.stop()
    await unplay?.()
  })

  const namespacesLeft = async () =>
    (await Promise.all(clusters.map(({name}) => lab.kubectl(name, ['get', 'namespaces', '-o', 'name'])))).join('')

  test('all checks pass before', async () => {
    // istiods take a moment to sync with each other.
    const green = async () => (await mesh(lab, ['federate', 'verify', '--contexts', 'east,west'])).stdout
    await expect.poll(green, {timeout: 90_000, interval: 2000}).toMatch(/^no errors, /m)
  })

  test('both clusters answer each client, and no namespace remains', async () => {
    const verified = mesh(lab, ['federate', 'verify', '--contexts', 'east,west', '--traffic', '--yes'])
    await Promise.all(clusters.map(({name}) => playKubelet(lab, name)))
    const {code, stdout, stderr} = await verified
    if (code !== 0) throw new Error(`verify ended with ${code}\n${stdout}\n${stderr}`)
    expect(stdout).toMatch(/^20 requests from +east \(v1\) +west \(v2\) +failed$/m)
    for (const {name} of clusters) {
      const [, east, west, failed] =
        stdout.match(new RegExp(`^${name} +(\\d+) +(\\d+) +(\\d+)$`, 'm'))?.map(Number) ?? []
      expect(east! + west!).toBe(20)
      expect(Math.min(east!, west!)).toBeGreaterThan(0)
      expect(failed).toBe(0)
    }
    expect(stdout).toContain(`from pod ${helloClient} in namespace mesh-verify-`)
    await expect.poll(namespacesLeft, {timeout: 60_000}).not.toContain('mesh-verify')
  })

  test('no namespace remains after Ctrl-C during the wait', async () => {
    const argv = [...programWords, 'federate', 'verify', '--contexts', 'east,west', '--traffic', '--yes']
    const interrupted = lab.run(['sh', '-c', 'echo $$ > "$0"; exec "$@"', join(lab.dir, 'verify.pid'), ...argv])
    await Promise.all(clusters.map(({name}) => temporaryNamespace(lab, name)))
    process.kill(Number(await runOk(['cat', join(lab.dir, 'verify.pid')])), 'SIGINT')
    expect(await interrupted).toMatchObject({code: 130, stderr: expect.stringContaining('error: interrupted')})
    await expect.poll(namespacesLeft, {timeout: 60_000}).not.toContain('mesh-verify')
  })
})
