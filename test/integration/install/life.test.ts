import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {readManifest} from '../../../src/istio/render/manifest.ts'
import {buildLab} from '../../support/binaries.ts'
import {interruptedAt} from '../../support/ground/interrupted.ts'
import {type MeshOptions, type ProgramResult, runMesh} from '../../support/ground/program.ts'
import {grant, proposedBy, type Rule} from '../../support/ground/rights.ts'
import {runOk} from '../../support/run.ts'
import {type AnyObject, openApi} from '../../support/servers/api.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {injectedPod, openTenantGround, type TenantGround} from '../tenant/support.ts'

describe.skipIf(!sharedServers())('a control plane in one cluster, with a real istioctl', () => {
  let ground: TenantGround
  let before: unknown
  const run = (words: readonly string[], options: MeshOptions = {}): Promise<ProgramResult> =>
    runMesh(words, {...options, env: {KUBECONFIG: ground.kubeconfig, PATH: `${ground.bin}:${process.env.PATH}`}})
  const mesh = (...words: string[]) => run(words)
  const install = (...words: string[]) => mesh('install', '--no-wait', '--yes', ...words)

  beforeAll(async () => {
    ground = await openTenantGround()
    // What stays after the removal.
    await ground.api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'istio-system'}})
    before = await ground.snapshot()
  })
  afterAll(() => ground?.close())

  it('reports a cluster without Istio, and nothing to remove', async () => {
    expect(await mesh('install', 'status')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'one: no control plane found\nhint:  kubectl mesh install\n',
    })
    expect(await mesh('install', 'remove', '--yes')).toEqual({
      code: 0,
      stdout: '',
      stderr:
        'nothing to remove: there is no control plane default in namespace istio-system of one; existing control planes: none\n',
    })
  })

  it('shows the changes, and writes nothing', async () => {
    const {code, stdout} = await mesh('install', '--network', 'net-one', '--dry-run=server')
    expect({code, stdout}).toMatchObject({code: 0, stdout: expect.stringMatching(/^# one: \d+ to create/)})
    expect(await ground.snapshot()).toEqual(before)
  })

  it("refuses another owner's Deployment with the name of istiod and another selector, and writes nothing", async () => {
    const labels = {app: 'legacy'}
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {name: 'istiod', namespace: 'istio-system'},
      spec: {
        selector: {matchLabels: labels},
        template: {metadata: {labels}, spec: {containers: [{name: 'legacy', image: 'x'}]}},
      },
    }
    await ground.api.apply(deployment, undefined, 'legacy-tool')
    const {code, stdout, stderr} = await install()
    expect({code, stdout}).toEqual({code: 3, stdout: ''})
    expect(stderr).toContain(
      'one: deployment.apps/istiod in istio-system already exists, created by legacy-tool, and Kubernetes does not change its spec.selector',
    )
    expect(stderr).toMatch(/^hint: {2}choose another name, revision or namespace; the existing object stays as it is$/m)
    await ground.api.delete('/apis/apps/v1/namespaces/istio-system/deployments/istiod')
    expect(await ground.snapshot()).toEqual(before)
  })

  it('installs, and prints the control plane', async () => {
    const {code, stdout, stderr} = await install('--network', 'net-one', '--set', 'values.pilot.autoscaleMin=2')
    expect({code, stderr}).toMatchObject({code: 0})
    expect(stdout).toContain('deployment.apps/istiod serverside-applied (one)')
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
      /^istio-system +default +\S+ +0\/\d +one +net-one +- +kubectl mesh, istioctl +[\dms]+$/,
    )
  })

  it('a second run with fewer flags changes nothing, and --set adds to the stored values', async () => {
    expect(await mesh('install', '--dry-run=server', '--exit-code')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^# one: \d+ unchanged\n$/),
    })
    expect(await install('--set', 'values.pilot.autoscaleMax=4')).toMatchObject({code: 0})
    const scaler = '/apis/autoscaling/v2/namespaces/istio-system/horizontalpodautoscalers/istiod'
    expect(await ground.api.get<AnyObject>(scaler)).toMatchObject({spec: {minReplicas: 2, maxReplicas: 4}})
  })

  it('Ctrl-C while istiod is waited for has exit code 130, and prints the command that continues', async () => {
    const words = ['install', '--set', 'values.pilot.autoscaleMax=5', '--yes']
    const {code, stdout, stderr} = await run(words, interruptedAt('waiting for istiod of one'))
    expect(code, stderr).toBe(130)
    expect(stdout).toContain('horizontalpodautoscaler.autoscaling/istiod serverside-applied (one)')
    expect(stderr).toMatch(/^error: interrupted\nhint: {2}to continue: kubectl mesh install .*autoscaleMax=5.* --yes$/m)
  })

  it('refuses a second control plane that would watch the same namespaces', async () => {
    expect(await install('--system-namespace', 'other')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('istiod default in namespace istio-system watches all namespaces'),
    })
  })

  it('stays as long as its proxies run', async () => {
    const pod = injectedPod('default', 'shop', 'default', 'istio-system')
    const env = [{name: 'CA_ADDR', value: 'istiod.istio-system.svc:15012'}]
    await ground.api.create({
      ...pod,
      spec: {containers: [{name: 'istio-proxy', image: 'x', env}]},
    } as AnyObject)
    expect(await mesh('install', 'remove', '--yes')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('pods with proxies of this control plane still run: default/shop-abc-xyz'),
    })
    await ground.api.delete(`/api/v1/namespaces/default/pods/${pod.metadata.name}?gracePeriodSeconds=0`)
  })

  it('remove leaves the namespace and the definitions, and nothing else', async () => {
    const {code, stdout, stderr} = await mesh('install', 'remove', '--yes')
    expect({code, stdout}).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('deployment.apps/istiod deleted (one)'),
    })
    expect(stderr).toContain('stay')
    expect(await ground.snapshot()).toEqual(before)
  })

  const reads: Rule[] = [{apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list']}]
  it.each<[string, string, Rule[]]>([
    ['install', 'no permissions', []],
    ['install remove', 'no permissions', []],
    ['install', 'permissions to read', reads],
    ['install remove', 'permissions to read', reads],
  ])('%s by a user with %s lists all that are missing, and the rules of its hints suffice', async (command, _, has) => {
    const user = `${command.replace(' ', '-')}-${has.length}`
    await grant([ground.api], user, new Map([['', has]]))
    const again = () =>
      mesh(...command.split(' '), '--yes', '--as', user, ...(command === 'install' ? ['--no-wait'] : []))
    const denied = await again()
    expect(denied).toMatchObject({code: 3, stdout: '', stderr: expect.stringContaining('you may not ')})
    const proposed = proposedBy(denied)
    await grant([ground.api], user, new Map([...proposed, ['', [...has, ...(proposed.get('') ?? [])]]]))
    const granted = await again()
    expect(granted, denied.stderr).toMatchObject({code: 0})
  })
})

describe.skipIf(!sharedServers())('a control plane that others created, or use', () => {
  let servers: RunningServers
  let path: string
  const mesh = (...words: string[]): Promise<ProgramResult> =>
    runMesh(words, {env: {KUBECONFIG: servers.kubeconfig, PATH: path}})

  beforeAll(async () => {
    const {bin} = await buildLab('istio')
    path = `${bin}:${process.env.PATH}`
    servers = await startServers(['one', 'two'])
  })
  afterAll(() => servers?.stop())

  it('uses what istioctl created as it is, and does not remove it', async () => {
    const api = await openApi(servers.kubeconfig, 'two')
    const manifest = await runOk(['istioctl', 'manifest', 'generate', '--set', 'profile=minimal'], {env: {PATH: path}})
    await api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'istio-system'}})
    for (const object of readManifest(manifest).objects) await api.apply(object as AnyObject, undefined, 'istioctl')
    const args = ['install', '--context', 'two', '--no-wait', '--yes']
    expect(await mesh(...args)).toEqual({
      code: 0,
      stdout: expect.stringMatching(/\nistio-system +default .* - +[\dms]+\n$/),
      stderr: expect.stringMatching(/^two: Istio .* already runs in namespace istio-system .*\nhint: .*\n$/),
    })
    expect(await mesh(...args, '--network', 'net-two')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('--network net-two: the existing control plane has none'),
    })
    expect(await api.get('/apis/apps/v1/namespaces/istio-system/deployments/istiod')).toBeDefined()
    expect(await mesh('install', 'remove', '--context', 'two', '--yes')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('kubectl-mesh did not install the control plane default'),
    })
    api.close()
  })

  it('federate keeps what install has set', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-install-'))
    const set = ['--set', 'values.pilot.autoscaleMin=2', '--profile', 'minimal']
    const installed = await mesh('install', '--context', 'one', ...set, '--no-wait', '--yes')
    expect(installed.code, installed.stderr).toBe(0)
    expect(await mesh('ca', 'init', '--dir', join(folder, 'ca'))).toMatchObject({code: 0})
    const {code, stdout, stderr} = await mesh(
      ...['federate', '--contexts', 'one,two', '--ca-dir', join(folder, 'ca'), '--control-plane', 'istioctl'],
      ...[
        '--server',
        'one=https://one.test:6443',
        '--server',
        'two=https://two.test:6443',
        '--dry-run=server',
        '-o',
        'json',
        '--only',
        'one',
      ],
    )
    expect(code, stderr).toBe(0)
    const {items} = JSON.parse(stdout) as {items: AnyObject[]}
    const named = (kind: string, name: string) => items.find(one => one.kind === kind && one.metadata.name === name)
    expect(named('HorizontalPodAutoscaler', 'istiod')).toMatchObject({spec: {minReplicas: 2}})
    expect(named('ConfigMap', 'kubectl-mesh-control-plane')).toMatchObject({
      data: {settings: expect.stringContaining('autoscaleMin=2')},
    })
    rmSync(folder, {recursive: true})
  })
})
