import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, describe, expect, inject, it} from 'vitest'
import {applySetId} from '../../../src/engine/kubernetes/applyset.ts'
import {controlPlaneApplySet} from '../../../src/mesh/control-plane/objects.ts'
import {type EmptyClusters, openEmptyClusters} from '../../support/ground/empty-clusters.ts'
import {type Ground, isWrite} from '../../support/ground/ground.ts'
import {interruptedAt, interruption} from '../../support/ground/interrupted.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const tools = inject('renderTools')

describe.skipIf(!sharedServers() || !tools)('federate --control-plane on two empty clusters', () => {
  let clusters: EmptyClusters
  let ground: Ground
  afterEach(() => clusters?.close())

  const env = () => ({PATH: `${tools!.istioctl}:${tools!.helm}:${process.env.PATH}`, HOME: ground.folder})
  const federate = (args: readonly string[]) => ground.federate(args, {env: env()})

  /** What `mesh check` reports as different from the stored settings. It needs neither the tool nor the CA folder. */
  async function drift(...place: string[]): Promise<unknown[]> {
    const where = ['--contexts', 'east,west', '--system-namespace', ground.namespace, ...place]
    const {stdout, stderr} = await ground.mesh(['check', ...where, '-o', 'json'])
    expect(stdout, stderr).toMatch(/^\{/)
    const {groups} = JSON.parse(stdout) as {groups: {findings: {check: string}[]}[]}
    return groups.flatMap(({findings}) => findings).filter(one => ['drift', 'not-checked'].includes(one.check))
  }

  async function open(crds: boolean, istiod = 'istiod'): Promise<string> {
    clusters = await openEmptyClusters({crds, istiod})
    ground = clusters.ground
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
    expect(await drift('--revision', 'r1')).toEqual([])
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
    expect(await drift()).toEqual([])
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
        ...['install', 'istio-base', join(tools!.charts, 'base'), '--kubeconfig', clusters.servers.kubeconfig],
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

  it('Ctrl-C while definitions, and then istiods, are waited for: exit code 130, the report, and the command that continues', async () => {
    const ca = await open(false)
    clusters.stopIstiods()
    const args = ['--control-plane', 'istioctl', '--ca-dir', ca, '--yes']
    const ctrlC = interruption()
    for (const {proxy, cluster} of ground.clusters)
      proxy.decide = async ({method, url}) => {
        const isNew = proxy.requests.some(one => isWrite(one) && one.url.split('?')[0] === url)
        if (method !== 'GET' || !url.includes('/customresourcedefinitions/') || !isNew) return 'pass'
        // In west, the definitions may be written before or after those of east.
        if (cluster === 'east') await ctrlC.now()
        return {status: 200, body: {kind: 'CustomResourceDefinition', metadata: {name: 'not-served'}}}
      }
    const early = await ground.federate(args, {env: env(), ...ctrlC})
    expect(early.code, early.stderr).toBe(130)
    expect(early.stdout).toMatch(/^customresourcedefinition\.\S+ serverside-applied \(east\)$/m)
    expect(early.stdout).toMatch(/^east +not tried .* interrupted: namespace$/m)
    const resume = /^hint: {2}to continue: kubectl mesh federate .* --control-plane istioctl --yes$/m
    expect(early.stderr).toMatch(resume)
    expect(early.stderr).not.toMatch(/SIGINT|abort|waiting for istiod/)

    ground.reset()
    const late = await ground.federate(args, {env: env(), ...interruptedAt('waiting for istiod of east')})
    expect(late.code, late.stderr).toBe(130)
    expect(late.stdout).toMatch(/^deployment\.apps\/istiod serverside-applied \(east\)$/m)
    expect(late.stdout).toMatch(/^east +ok .* interrupted: not ready$/m)
    expect(late.stderr).toMatch(/^error: east: interrupted while waiting for its control plane$/m)
    expect(late.stderr).toMatch(resume)
  })

  it('Ctrl-C while istioctl renders after the confirmation: nothing is written, exit code 130, and the command that continues', async () => {
    const ca = await open(true)
    const marker = join(ground.folder, 'rendering')
    const istioctl = join(ground.folder, 'istioctl')
    // The second rendering follows the confirmation: it needs the intermediate CAs, which are issued then.
    const slow = `[ "$1" = manifest ] && [ -e '${ca}/east' ] && { touch '${marker}'; exec sleep 60; }`
    writeFileSync(istioctl, `#!/bin/sh\n${slow}\nexec ${tools!.istioctl}/istioctl "$@"\n`, {mode: 0o755})
    const args = ['--control-plane', 'istioctl', '--istioctl', istioctl, '--ca-dir', ca, '--yes']
    const ctrlC = interruption()
    const running = ground.federate(args, {env: env(), ...ctrlC})
    await expect.poll(() => existsSync(marker), {timeout: 95_000}).toBe(true)
    await ctrlC.now()
    const {code, stderr} = await running
    expect(stderr).toMatch(
      /^error: interrupted\nhint: {2}to continue: kubectl mesh federate .* --control-plane istioctl .*--yes$/m,
    )
    expect(stderr).not.toMatch(/cannot run|abort/)
    expect(code).toBe(130)
    expect(ground.writes()).toEqual([])
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
