import {execFileSync} from 'node:child_process'
import {mkdirSync, symlinkSync} from 'node:fs'
import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, describe, expect, inject, it} from 'vitest'
import {applySetId} from '../../../src/engine/kubernetes/applyset.ts'
import {controlPlaneApplySet} from '../../../src/mesh/control-plane/objects.ts'
import {type Ground, isWrite, openGround} from '../../support/ground/ground.ts'
import {repeat} from '../../support/repeat.ts'
import {type AnyObject, type Api, openApi} from '../../support/servers/api.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const tools = inject('renderTools')

/** Reports an istiod as available as soon as its Deployment exists, like a kubelet. Returns a function that stops it. */
function playKubelet(api: Api, namespace: string, name: string): () => void {
  return repeat(async () => {
    const found = await api.get<AnyObject & {metadata: {generation: number}}>(
      `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
    )
    if (!found) return
    const counts = {replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1}
    const status = {observedGeneration: found.metadata.generation, ...counts}
    const {apiVersion, kind} = {apiVersion: 'apps/v1', kind: 'Deployment'}
    await api.apply({apiVersion, kind, metadata: {name, namespace}, status}, 'status')
  })
}

describe.skipIf(!sharedServers() || !tools)('federate --control-plane on two empty clusters', () => {
  let servers: RunningServers
  let ground: Ground
  let stops: (() => void)[] = []
  afterEach(async () => {
    for (const stop of stops) stop()
    stops = []
    await ground?.close()
    await servers?.stop()
  })

  const env = () => ({PATH: `${tools!.istioctl}:${tools!.helm}:${process.env.PATH}`, HOME: ground.folder})
  const federate = (args: readonly string[]) => ground.federate(args, {env: env()})

  async function open(crds: boolean, istiod = 'istiod'): Promise<string> {
    servers = await startServers(['east', 'west'], {crds})
    ground = await openGround(servers, {controlPlane: () => false})
    stops = await Promise.all(
      ground.clusters.map(async ({cluster}) =>
        playKubelet(await openApi(servers.kubeconfig, cluster), ground.namespace, istiod),
      ),
    )
    const ca = join(ground.folder, 'ca')
    expect(await ground.mesh(['ca', 'init', '--dir', ca])).toMatchObject({code: 0})
    return ca
  }

  it('istioctl, with a revision and all identifiers of the mesh; a second run changes nothing', async () => {
    const ca = await open(false, 'istiod-r1')
    const mesh = ['--revision', 'r1', '--trust-domain', 'td.example', '--mesh-id', 'm1', '--ca-dir', ca]
    const more = ['--cert-provider', 'k8s.io/signers.example/mesh', '--set', 'values.pilot.env.A=b']
    const args = ['--control-plane', 'istioctl', ...mesh, ...more]
    const {code, stderr, stdout} = await federate([...args, '--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^east +ok .* joined\nwest +ok .* joined$/m)
    for (const {api, cluster} of ground.clusters) {
      const path = `/apis/apps/v1/namespaces/${ground.namespace}/deployments/istiod-r1`
      const env = JSON.stringify((await api.get<AnyObject>(path))!.spec)
      for (const [name, value] of [
        ['CLUSTER_ID', cluster],
        ['PILOT_CERT_PROVIDER', 'k8s.io/signers.example/mesh'],
        ['A', 'b'],
      ])
        expect(env).toContain(`{"name":"${name}","value":"${value}"}`)
      const config = await api.get<{data: {mesh: string}}>(`/api/v1/namespaces/${ground.namespace}/configmaps/istio-r1`)
      expect(config!.data.mesh).toMatch(/meshId: m1[\s\S]*trustDomain: td\.example/)
    }
    // Earlier versions created the reader account as a member of the control plane's ApplySet.
    const where = {systemNamespace: ground.namespace, revision: 'r1'}
    const labels = {'applyset.kubernetes.io/part-of': applySetId(controlPlaneApplySet(where))}
    const name = 'istio-reader-service-account'
    const account = {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name, namespace: ground.namespace, labels}}
    for (const {api} of ground.clusters) await api.apply(account, undefined, 'kubectl-mesh')
    ground.reset()
    const second = await federate([...args, '--yes'])
    expect(second.code, second.stderr).toBe(0)
    const written = ground.writes().map(({url}) => url.replace(/\?.*/, ''))
    expect(written.filter(url => !url.endsWith(`/serviceaccounts/${name}`))).toEqual([])
    ground.reset()
    expect(await federate([...args, '--yes'])).toMatchObject({code: 0})
    expect(ground.writes()).toEqual([])
  })

  it('helm, with the base chart next to the istiod chart; a second run changes nothing', async () => {
    const ca = await open(false)
    const charts = join(ground.folder, 'charts')
    mkdirSync(charts)
    symlinkSync(join(tools!.charts, 'istio-control/istio-discovery'), join(charts, 'istiod'))
    symlinkSync(join(tools!.charts, 'base'), join(charts, 'base'))
    const args = ['--control-plane', 'helm', '--chart', join(charts, 'istiod'), '--ca-dir', ca]
    const {code, stderr, stdout} = await federate([...args, '--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(
      /^validatingwebhookconfiguration\.\S+\/istiod-default-validator serverside-applied \(east\)$/m,
    )
    expect(stdout).toMatch(/^east +ok .* joined\nwest +ok .* joined$/m)
    ground.reset()
    expect(await federate([...args, '--yes'])).toMatchObject({code: 0})
    expect(ground.writes()).toEqual([])
  })

  it('helm: missing base objects are reported before the first write; with them, the clusters join', async () => {
    const ca = await open(false)
    const args = [
      '--control-plane',
      'helm',
      '--chart',
      join(tools!.charts, 'istio-control/istio-discovery'),
      '--ca-dir',
      ca,
    ]
    const refused = await federate([...args, '--yes'])
    expect(refused).toMatchObject({code: 3, stdout: ''})
    const hint = /hint: +helm install istio-base istio\/base --kube-context (\S+) --namespace (\S+) --create-namespace/
    expect(refused.stderr).toMatch(hint)
    const lone = join(ground.folder, 'lone')
    mkdirSync(lone)
    symlinkSync(join(tools!.charts, 'istio-control/istio-discovery'), join(lone, 'istiod'))
    const temporary = join(ground.folder, 'tmp')
    mkdirSync(temporary)
    const withoutBase = ['--control-plane', 'helm', '--chart', join(lone, 'istiod'), '--ca-dir', ca]
    expect(await ground.federate([...withoutBase, '--yes'], {env: {...env(), TMPDIR: temporary}})).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`helm does not find chart ${join(lone, 'base')}`),
    })
    // The files with values are removed.
    expect((await readdir(temporary)).filter(name => name !== 'node-compile-cache')).toEqual([])
    expect(ground.writes()).toEqual([])
    for (const context of ['east', 'west'])
      execFileSync(join(tools!.helm, 'helm'), [
        ...['install', 'istio-base', join(tools!.charts, 'base'), '--kubeconfig', servers.kubeconfig],
        ...['--kube-context', context, '--namespace', ground.namespace, '--create-namespace'],
        ...['--set', `global.istioNamespace=${ground.namespace}`],
      ])
    const {code, stderr, stdout} = await federate([...args, '--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^east +ok .* joined\nwest +ok .* joined$/m)
    ground.reset()
    expect(await federate([...args, '--yes'])).toMatchObject({code: 0})
    expect(ground.writes().filter(isWrite)).toEqual([])
    // If the CRDs exist, the base chart is not needed.
    expect(await federate([...withoutBase, '--dry-run=server'])).toMatchObject({code: 0})
  })

  it('invalid tools and values are rejected, and nothing is written', async () => {
    const ca = await open(true)
    const istioctl = ['--control-plane', 'istioctl']
    const refused: [string[], number, RegExp][] = [
      [['--control-plane', 'sail'], 3, /the Sail operator is not installed/],
      [
        [...istioctl, '--set', 'revision=zz'],
        2,
        /sets revision to zz; expected empty for east\nhint: .*--revision REV/,
      ],
      [
        [...istioctl, '--set', 'values.global.multiCluster.clusterName=bad'],
        2,
        /sets global\.multiCluster\.clusterName to bad; expected east for east\nhint: .*--cluster-name CTX=NAME/,
      ],
      [[...istioctl, '--profile', 'nonsense'], 3, /profile .* not found[^\n]*\nhint: /],
    ]
    for (const [args, code, message] of refused) {
      const result = await federate([...args, '--ca-dir', ca, '--yes'])
      expect(result.stderr).toMatch(message)
      expect(result.code).toBe(code)
    }
    expect(ground.writes()).toEqual([])
  })
})
