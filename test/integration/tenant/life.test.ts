import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {interruptedAt} from '../../support/ground/interrupted.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {injectedPod, makeNamespaces, openTenantGround, playIstiod, type TenantGround} from './support.ts'

describe.skipIf(!sharedServers())('the life of two tenants, with a real istioctl', () => {
  let ground: TenantGround
  let before: unknown
  const added = (name: string, namespaces: string) => ['add', name, '--namespaces', namespaces, '--no-wait', '--yes']

  beforeAll(async () => {
    ground = await openTenantGround()
    await makeNamespaces(ground.api, 't1', 't2', 't3', 'app-1', 'app-2', 'app-3')
    await ground.api.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {name: 'odd', labels: {'istio-injection': 'disabled'}},
    })
    before = await ground.snapshot()
  })
  afterAll(() => ground?.close())

  it('adds both, and prints a line per object and the row of the tenant', async () => {
    for (const [name, namespaces] of [
      ['t1', 'app-1'],
      ['t2', 'app-2,app-3'],
    ] as const) {
      const {code, stdout, stderr} = await ground.tenant(added(name, namespaces))
      expect({code, stderr}).toMatchObject({code: 0})
      expect(stdout).toContain(`deployment.apps/istiod-${name} serverside-applied (one)`)
      expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
        new RegExp(`^${name} +${name} +${name} +\\S+ +0/1 +${namespaces.split(',').length} `),
      )
    }
  })

  it('makes none of them the default of the cluster', async () => {
    const list = await ground.api.get<{items: {metadata: {name: string}}[]}>(
      '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    )
    expect(list!.items.map(({metadata}) => metadata.name).filter(name => name.includes('default'))).toEqual([])
  })

  it('a second run changes nothing, even after istiod has written into its webhooks', async () => {
    await playIstiod(ground.api, 't1', 't1', ['app-1'])
    await playIstiod(ground.api, 't2', 't2', ['app-2', 'app-3'])
    const middle = await ground.snapshot()
    const again = await ground.tenant(added('t1', 'app-1'))
    expect(again).toMatchObject({code: 0})
    expect(again.stdout.split('\n').filter(line => line.includes('applied'))).toEqual([])
    const plan = await ground.tenant(['add', 't1', '--namespaces', 'app-1', '--dry-run=server', '--exit-code'])
    expect(plan).toEqual({code: 0, stdout: '# one: 23 unchanged\n', stderr: ''})
    expect(await ground.snapshot()).toEqual(middle)
  })

  it('a change of values changes only what depends on them, and no webhooks', async () => {
    const changed = ['add', 't1', '--namespaces', 'app-1', '--set', 'values.pilot.autoscaleMax=3']
    const {stdout} = await ground.tenant([...changed, '--dry-run=server'])
    expect(stdout).toContain('HorizontalPodAutoscaler')
    expect(stdout).not.toContain('WebhookConfiguration')
    expect(await ground.tenant([...changed, '--no-wait', '--yes'])).toMatchObject({code: 0})
    expect(await ground.tenant(added('t1', 'app-1'))).toMatchObject({code: 0})
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/istio-validator-t1-t1'
    const validator = await ground.api.get<{webhooks: {failurePolicy: string}[]}>(path)
    expect(validator!.webhooks[0]!.failurePolicy).toBe('Fail')
  })

  it('verify finds nothing', async () => {
    const {code, stdout} = await ground.tenant(['verify'])
    expect(stdout).not.toMatch(/[✘‼]/)
    expect({code, last: stdout.trimEnd().split('\n').at(-1)}).toEqual({code: 0, last: 'no errors, no warnings'})
  })

  it('lists them as JSON', async () => {
    const {stdout} = await ground.tenant(['list', '-o', 'json'])
    expect(JSON.parse(stdout).tenants).toMatchObject([
      {
        tenant: 't1',
        namespace: 't1',
        revision: 't1',
        ready: 1,
        replicas: 1,
        via: 'istioctl',
        selector: 'usergroup=t1',
        namespaces: ['app-1'],
      },
      {tenant: 't2', namespaces: ['app-2', 'app-3'], pods: 0, proxies: []},
    ])
  })

  it('moves a namespace, and prints the workload to restart', async () => {
    // The pod is created while its namespace belongs to no tenant, because no istiod serves the webhooks here.
    expect(await ground.tenant(['assign', 't2', 'app-3', '--remove', '--yes'])).toMatchObject({code: 0})
    await ground.api.create(injectedPod('app-3', 'web', 't2'))
    const moved = await ground.tenant(['assign', 't1', 'app-3', '--yes'])
    expect(moved).toMatchObject({
      code: 0,
      stdout: 'configmap/kubectl-mesh-tenant serverside-applied (one)\nnamespace/app-3 edited (one)\n',
    })
    expect(moved.stderr).toContain('warning: 1 pod keeps its control plane until it is restarted')
    expect(moved.stderr).toContain('kubectl -n app-3 rollout restart deploy/web')
    const again = await ground.tenant(['assign', 't1', 'app-3', '--yes'])
    expect(again).toMatchObject({code: 0, stdout: ''})
    const {stdout} = await ground.tenant(['list', '-o', 'json'])
    expect(JSON.parse(stdout).tenants).toMatchObject([
      {namespaces: ['app-1', 'app-3'], pods: 1, proxies: []},
      {namespaces: ['app-2'], proxies: ['app-3/web-abc-xyz']},
    ])
    await playIstiod(ground.api, 't1', 't1', ['app-1', 'app-3'])
    const verified = await ground.tenant(['verify', 't1'])
    expect(verified.stdout).toContain('‼ 1 pod in namespace app-3 still uses revision t2; restart it')
  })

  it('refuses contradictory assignments and writes nothing', async () => {
    const middle = await ground.snapshot()
    const refused = await ground.tenant(['assign', 't1', 'odd', '--yes'])
    expect(refused).toMatchObject({code: 3, stdout: ''})
    expect(refused.stderr).toContain(
      'namespace odd has istio-injection=disabled, which takes precedence over istio.io/rev',
    )
    expect(refused.stderr).toContain('kubectl label namespace odd istio-injection-')
    for (const [args, message] of [
      [['assign', 't1', 't2'], 't2 is the system namespace of t2'],
      [['assign', 't1', 'nowhere'], 'there is no namespace nowhere'],
      [['assign', 'missing', 'app-1'], 'there is no tenant missing'],
      [['remove', 't2'], "pods with the tenant's sidecars still run: 1 in app-3"],
    ] as const) {
      const result = await ground.tenant([...args, '--yes'])
      expect(result).toMatchObject({code: 3, stdout: ''})
      expect(result.stderr).toContain(message)
    }
    expect(await ground.snapshot()).toEqual(middle)
  })

  it("names the owner of another Deployment with the name of the tenant's istiod, and writes nothing", async () => {
    const labels = {app: 'other'}
    const deployment = {
      ...{apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'istiod-t3', namespace: 't3'}},
      spec: {
        selector: {matchLabels: labels},
        template: {metadata: {labels}, spec: {containers: [{name: 'x', image: 'x'}]}},
      },
    }
    await ground.api.apply(deployment, undefined, 'terraform')
    const before = await ground.snapshot()
    const refused = await ground.tenant(['add', 't3', '--yes'])
    expect(refused, refused.stderr).toMatchObject({code: 3, stdout: ''})
    expect(refused.stderr).toMatch(
      /deployment\.apps\/istiod-t3 in t3 already exists, created by terraform, and Kubernetes/,
    )
    expect(refused.stderr).not.toContain('immutable')
    expect(await ground.snapshot()).toEqual(before)
    await ground.api.delete('/apis/apps/v1/namespaces/t3/deployments/istiod-t3')
  })

  it('Ctrl-C during a wait has exit code 130, and prints the command that continues', async () => {
    const added3 = ['add', 't3', '--yes']
    const stopped = await ground.tenant(added3, interruptedAt('waiting for istiod of t3'))
    expect(stopped.code, stopped.stderr).toBe(130)
    expect(stopped.stdout).toContain('deployment.apps/istiod-t3 serverside-applied (one)')
    expect(stopped.stderr).toMatch(/^error: interrupted\nhint: {2}to continue: kubectl mesh tenant add t3 .*--yes$/m)

    // No kubelet ends it.
    await ground.api.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'istiod-t3-x',
        namespace: 't3',
        labels: {app: 'istiod', 'istio.io/rev': 't3', 'sidecar.istio.io/inject': 'false'},
      },
      spec: {containers: [{name: 'discovery', image: 'x'}]},
    })
    const removing = await ground.tenant(['remove', 't3', '--yes'], interruptedAt('waiting for istiod to stop'))
    expect(removing.code, removing.stderr).toBe(130)
    expect(removing.stderr).toMatch(
      /^error: interrupted\nhint: {2}to continue: kubectl mesh tenant remove t3 --context \S+ --yes$/m,
    )
    await ground.api.delete('/api/v1/namespaces/t3/pods/istiod-t3-x?gracePeriodSeconds=0')
    expect(await ground.tenant(['remove', 't3', '--yes'])).toMatchObject({code: 0})
  })

  it('removes both and everything that their istiods wrote: the cluster is as before', async () => {
    await ground.api.delete('/api/v1/namespaces/app-3/pods/web-abc-xyz?gracePeriodSeconds=0')
    const unconfirmed = await ground.tenant(['remove', 't2'])
    expect(unconfirmed).toMatchObject({code: 2, stdout: ''})
    const removed = await ground.tenant(['remove', 't2', '--yes'])
    expect(removed).toMatchObject({code: 0})
    expect(removed.stderr).toContain('t2 is removed; namespace app-2 stays, without its labels')
    const list = await ground.tenant(['verify'])
    expect(list.stdout).not.toMatch(/t2/)
    expect(await ground.tenant(['remove', 't1', '--yes'])).toMatchObject({code: 0})
    expect(await ground.snapshot()).toEqual(before)
    expect(await ground.tenant(['remove', 't1', '--yes'])).toMatchObject({code: 0})
  })
})
