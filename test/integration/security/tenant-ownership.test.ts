import type {ChildProcess} from 'node:child_process'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {untilAllowed} from '../../support/ground/allowed.ts'
import {isWrite} from '../../support/ground/ground.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {startFaultProxy} from '../../support/servers/fault-proxy.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {injectedPod, makeNamespaces, openTenantGround, type TenantGround} from '../tenant/support.ts'

const partOf = 'applyset.kubernetes.io/part-of'
const rbac = 'rbac.authorization.k8s.io'
const admission = 'admissionregistration.k8s.io/v1'

/** The case `forged-tenant-record.yaml` of the security review. */
const forgedData = {
  tenant: 'old-tenant',
  revision: 'default',
  selector: 'kubernetes.io/metadata.name=victim',
  via: 'none',
}

function configMap(namespace: string, name: string, data: object, labels: object = {}): AnyObject {
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name, namespace, labels}, data}
}

interface Namespace extends AnyObject {
  metadata: {name: string; uid: string; labels: Record<string, string>; deletionTimestamp?: string}
}

describe.skipIf(!sharedServers())('tenants beside people who administer other namespaces', () => {
  let ground: TenantGround
  let team: Api
  const recordPath = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps/kubectl-mesh-tenant`
  const recordIn = (namespace: string) =>
    ground.api.get<AnyObject & {data: Record<string, string>}>(recordPath(namespace))
  const namespace = (name: string) => ground.api.get<Namespace>(`/api/v1/namespaces/${name}`)
  const labelsOf = async (name: string) => {
    const {'kubernetes.io/metadata.name': _, ...labels} = (await namespace(name))!.metadata.labels
    return labels
  }

  beforeAll(async () => {
    ground = await openTenantGround()
    team = await namespaceAdmin({api: ground.api, direct: {kubeconfig: ground.kubeconfig, context: 'one'}}, 'team-a')
    await makeNamespaces(ground.api, 'victim')
    await ground.api.create(configMap('victim', 'precious', {a: 'b'}))
  })
  afterAll(async () => {
    team?.close()
    await ground?.close()
  })

  async function unchanged(run: () => Promise<unknown>): Promise<void> {
    const before = await ground.snapshot()
    await run()
    expect(await ground.snapshot()).toEqual(before)
  }

  it('a forged record deletes nothing, redirects nothing, and is reported', async () => {
    const victim = (await namespace('victim'))!
    const precious = (await ground.api.get<Namespace>('/api/v1/namespaces/victim/configmaps/precious'))!
    const members = `v1 Namespace - victim ${victim.metadata.uid}\nv1 ConfigMap victim precious ${precious.metadata.uid}\n`
    for (const data of [forgedData, {...forgedData, members}]) {
      await team.apply(
        configMap('team-a', 'kubectl-mesh-tenant', data, {'app.kubernetes.io/managed-by': 'kubectl-mesh'}),
      )
      await unchanged(async () => {
        const removed = await ground.tenant(['remove', 'old-tenant', '--delete-namespaces', '--trust-labels', '--yes'])
        expect(removed).toMatchObject({code: 3, stdout: ''})
        expect(removed.stderr).toContain('namespace team-a contains a record of old-tenant, but no cluster-wide object')
        expect(await ground.tenant(['assign', 'old-tenant', 'victim', '--yes'])).toMatchObject({code: 3})
      })
    }
    await unchanged(async () => {
      const listed = await ground.tenant(['list', '-o', 'json'])
      expect(listed.stderr).toContain('warning: ConfigMap kubectl-mesh-tenant in namespace team-a is ignored')
      const added = ['add', 'old-tenant', '--system-namespace', 'team-a', '--via', 'none', '--yes']
      expect(await ground.tenant(added)).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('lists objects that kubectl-mesh does not create for this namespace'),
      })
    })
  })

  it('a forged istiod is no tenant for commands that write', async () => {
    const env = [{name: 'REVISION', value: 'forged'}]
    const labels = {app: 'istiod', 'istio.io/rev': 'forged'}
    await team.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {name: 'istiod-forged', namespace: 'team-a', labels},
      spec: {
        selector: {matchLabels: {app: 'istiod'}},
        template: {metadata: {labels}, spec: {containers: [{name: 'discovery', image: 'x', env}]}},
      },
    })
    const mesh = 'discoverySelectors: [{matchLabels: {kubernetes.io/metadata.name: victim}}]'
    await team.apply(configMap('team-a', 'istio-forged', {mesh}))
    await unchanged(async () => {
      const removed = await ground.tenant(['remove', 'forged', '--delete-namespaces', '--yes'])
      expect(removed).toMatchObject({code: 3, stdout: ''})
      expect(removed.stderr).toContain('namespace team-a contains a control plane of forged, but no cluster-wide')
    })
    await team.delete('/apis/apps/v1/namespaces/team-a/deployments/istiod-forged')
  })

  it('a second run keeps the settings; a changed selector is described and moves all namespaces', async () => {
    await makeNamespaces(ground.api, 'existing')
    const first = ['--system-namespace', 'sys', '--selector-label', 'team=x', '--namespaces', 'app-1,app-2', '--yes']
    expect(await ground.tenant(['add', 'ug1', '--via', 'none', ...first])).toMatchObject({code: 0})
    await unchanged(async () => expect(await ground.tenant(['add', 'ug1', '--yes'])).toMatchObject({code: 0}))
    expect(await ground.tenant(['assign', 'ug1', 'existing', '--yes'])).toMatchObject({code: 0})

    const file = join(ground.folder, 'tenant.yaml')
    await writeFile(
      file,
      'apiVersion: kubectl-mesh.io/v1alpha1\nkind: Tenant\nspec: {name: ug1, via: none, systemNamespace: sys, namespaces: [app-1]}\n',
    )
    await unchanged(async () => {
      const refused = await ground.tenant(['add', '-f', file, '--yes'])
      expect(refused.stderr).toContain('the selector label changes from team=x to usergroup=ug1')
      expect(refused.stderr).toContain('add --reset selector-label')
      expect(refused).toMatchObject({code: 2, stdout: ''})
    })

    const changed = await ground.tenant(['add', 'ug1', '--selector-label', 'zone=y', '--yes'])
    expect(changed).toMatchObject({code: 0})
    expect(changed.stderr).toContain('warning: the selector label changes from team=x to zone=y')
    expect(await labelsOf('sys')).toEqual({zone: 'y'})
    for (const name of ['app-1', 'app-2', 'existing'])
      expect(await labelsOf(name)).toEqual({zone: 'y', 'istio.io/rev': 'ug1'})
  })

  it('an edited selector redirects nothing; only created namespaces without other content are deleted', async () => {
    const record = (await recordIn('sys'))!
    await ground.api.apply(
      configMap('sys', 'kubectl-mesh-tenant', {...record.data, selector: 'kubernetes.io/metadata.name=victim'}),
    )
    await ground.api.create({
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: {name: 'theirs', namespace: 'app-1'},
      spec: {},
    })
    await ground.api.create({
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata: {name: 'theirs', namespace: 'app-1'},
      rules: [],
    })
    const victim = await namespace('victim')
    const removed = await ground.tenant(['remove', 'ug1', '--delete-namespaces', '--no-wait', '--yes'])
    expect({code: removed.code, stderr: removed.stderr}).toMatchObject({code: 0})
    expect(await namespace('victim')).toEqual(victim)
    expect(removed.stderr).toContain('has selector kubernetes.io/metadata.name=victim, which is ignored')
    const ended = async (name: string) => (await namespace(name))!.metadata.deletionTimestamp !== undefined
    expect(await recordIn('sys')).toBeUndefined()
    expect(removed.stderr).toContain('namespace app-1 stays, because it contains 2 objects')
    expect(removed.stderr).toContain('namespace existing stays, because it was not created by kubectl-mesh')
    for (const [name, isEnded] of Object.entries({sys: true, 'app-1': false, 'app-2': true, existing: false}))
      expect([name, await ended(name)]).toEqual([name, isEnded])
  })

  it('namespaces of others and content of others stay, and pods that are deleted do not prevent the removal', async () => {
    await makeNamespaces(ground.api, 'before')
    const added = ['add', 'ug2', '--via', 'none', '--namespaces', 'full,empty,before', '--yes']
    expect(await ground.tenant(added)).toMatchObject({code: 0})
    await ground.api.create({
      apiVersion: 'telemetry.istio.io/v1',
      kind: 'Telemetry',
      metadata: {name: 'theirs', namespace: 'full'},
      spec: {},
    })
    await ground.api.create(injectedPod('full', 'web', 'ug2'))
    const remove = (...more: string[]) =>
      ground.tenant(['remove', 'ug2', '--delete-namespaces', '--no-wait', '--yes', ...more])
    await unchanged(async () => {
      const refused = await remove()
      expect(refused).toMatchObject({code: 3, stdout: ''})
      expect(refused.stderr).toContain('namespace before stays, because it was not created by kubectl-mesh')
      expect(refused.stderr).toContain(
        'namespace full stays, because it contains 2 objects that kubectl-mesh did not create: pod/web-abc-xyz, telemetry.telemetry.istio.io/theirs',
      )
      expect(refused.stderr).toContain("pods with the tenant's sidecars still run: 1 in full")
      expect(refused.stderr).toContain(
        'hint:  to delete these pods with their namespaces: kubectl mesh tenant remove ug2 --delete-content-of full\n',
      )
      expect(await remove('--delete-content-of', 'victim')).toMatchObject({code: 3, stdout: ''})
    })
    expect(await remove('--delete-content-of', 'full')).toMatchObject({code: 0})
    for (const name of ['ug2', 'full', 'empty'])
      expect((await namespace(name))!.metadata.deletionTimestamp).toBeDefined()
    expect((await namespace('before'))!.metadata.deletionTimestamp).toBeUndefined()
    expect(await labelsOf('before')).toEqual({})
  })

  it('objects with copied labels stay, and a shared webhook configuration loses only the entry of the tenant', async () => {
    expect(await ground.tenant(['add', 'ug3', '--no-wait', '--yes'])).toMatchObject({code: 0})
    const id = (await recordIn('ug3'))!.metadata.labels as Record<string, string>
    const labels = {
      [partOf]: id['applyset.kubernetes.io/id'],
      'istio.io/rev': 'ug3',
      'app.kubernetes.io/managed-by': 'kubectl-mesh',
    }
    await team.apply(configMap('team-a', 'copied', {}, labels))
    await team.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {name: 'copied', namespace: 'team-a', labels},
    })
    await ground.api.create(configMap('ug3', 'copied', {}, labels))
    await ground.api.create({
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: {name: 'copied', labels},
      rules: [],
    })
    const entry = (name: string, service: string, where: string) => ({
      name,
      clientConfig: {service: {name: service, namespace: where}},
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Ignore',
    })
    const theirs = entry('b.example.com', 'policy', 'team-a')
    await ground.api.create({
      apiVersion: admission,
      kind: 'ValidatingWebhookConfiguration',
      metadata: {name: 'istio-shared'},
      webhooks: [entry('a.example.com', 'istiod-ug3', 'ug3'), theirs],
    })
    await ground.api.create({
      apiVersion: admission,
      kind: 'ValidatingWebhookConfiguration',
      metadata: {name: 'istio-copied', labels},
      webhooks: [theirs],
    })
    const removed = await ground.tenant(['remove', 'ug3', '--no-wait', '--yes'])
    expect({code: removed.code, stderr: removed.stderr}).toMatchObject({code: 0})
    for (const name of ['configmap/copied in namespace team-a', 'secret/copied in namespace team-a'])
      expect(removed.stderr).toContain(`  ${name}`)
    expect(removed.stderr).toContain('namespace ug3 stays, because it contains 1 object')
    for (const path of [
      '/api/v1/namespaces/team-a/configmaps/copied',
      '/api/v1/namespaces/team-a/secrets/copied',
      '/api/v1/namespaces/ug3/configmaps/copied',
      `/apis/${rbac}/v1/clusterroles/copied`,
    ])
      expect([path, await ground.api.get(path)]).toEqual([path, expect.anything()])
    const webhook = (name: string) =>
      ground.api.get<AnyObject & {webhooks: object[]}>(`/apis/${admission}/validatingwebhookconfigurations/${name}`)
    for (const name of ['istio-shared', 'istio-copied'])
      expect((await webhook(name))!.webhooks).toEqual([expect.objectContaining({name: 'b.example.com'})])
    expect(await webhook('istio-validator-ug3-ug3')).toBeUndefined()
    const left = await ground.api.get<{items: AnyObject[]}>(`/apis/${rbac}/v1/clusterroles`)
    expect(left!.items.filter(({metadata}) => metadata.name.includes('ug3'))).toEqual([])
  })

  it('a user who may patch but not delete, and one who may only read', async () => {
    for (const [name, verbs] of [
      ['tenant-patcher', ['get', 'list', 'create', 'patch']],
      ['tenant-reader', ['get', 'list']],
    ] as const) {
      await ground.api.apply({
        apiVersion: `${rbac}/v1`,
        kind: 'ClusterRole',
        metadata: {name},
        rules: [{apiGroups: ['*'], resources: ['*'], verbs}],
      })
      await ground.api.apply({
        apiVersion: `${rbac}/v1`,
        kind: 'ClusterRoleBinding',
        metadata: {name},
        roleRef: {apiGroup: rbac, kind: 'ClusterRole', name},
        subjects: [{apiGroup: rbac, kind: 'User', name}],
      })
      await untilAllowed(ground.api, name, {verb: verbs.at(-1)!, resource: 'configmaps'})
    }
    expect(await ground.tenant(['add', 'ug4', '--via', 'none', '--namespaces', 'app-4', '--yes'])).toMatchObject({
      code: 0,
    })
    const remove = (...more: string[]) =>
      ground.tenant(['remove', 'ug4', '--delete-namespaces', '--no-wait', '--yes', ...more])
    await unchanged(async () => {
      expect(await ground.tenant(['list', '--as', 'tenant-reader'])).toMatchObject({code: 0})
      expect(await remove('--as', 'tenant-reader')).toMatchObject({code: 3})
      expect(await remove('--as', 'tenant-patcher')).toMatchObject({code: 3})
    })
    const members = (await recordIn('ug4'))!.data.members
    expect(members?.trimEnd().split('\n')).toHaveLength(3)
    expect(await remove()).toMatchObject({code: 0})
  })

  it('killed after each write: the record is complete, and the removal leaves nothing', async () => {
    const proxy = await startFaultProxy({upstream: {kubeconfig: ground.kubeconfig, context: 'one'}})
    /** Kills the program at its second write. Returns whether it was killed. */
    const killed = async (args: string[]) => {
      let child: ChildProcess
      let writes = 0
      proxy.decide = request => {
        if (!isWrite(request) || ++writes < 2) return 'pass'
        child.kill('SIGKILL')
        return 'reset'
      }
      const {code, stderr} = await ground.tenant([...args, '--yes'], {
        env: {KUBECONFIG: proxy.kubeconfig},
        onStart: started => {
          child = started
        },
      })
      if (code !== -1) expect({code, stderr}).toMatchObject({code: 0})
      return code === -1
    }
    const converge = async (args: string[]) => {
      let kills = 0
      while (await killed(args)) expect(++kills).toBeLessThan(20)
      return kills
    }
    try {
      expect(await converge(['add', 'ug5', '--via', 'none', '--namespaces', 'app-5'])).toBeGreaterThan(4)
      const members = (await recordIn('ug5'))!.data.members!
      expect(
        members
          .trimEnd()
          .split('\n')
          .map(line => line.split(' ').slice(1, 4).join(' ')),
      ).toEqual(['PeerAuthentication ug5 default', 'Namespace - app-5', 'Namespace - ug5'])
      expect(members).not.toMatch(/ -$/m)
      expect(await converge(['remove', 'ug5', '--delete-namespaces', '--no-wait'])).toBeGreaterThan(2)
      for (const name of ['ug5', 'app-5']) expect((await namespace(name))!.metadata.deletionTimestamp).toBeDefined()
      expect(await recordIn('ug5')).toBeUndefined()
      expect(await ground.api.get(`/apis/${rbac}/v1/clusterroles/kubectl-mesh-tenant-ug5`)).toBeUndefined()
    } finally {
      await proxy.close()
    }
  })
})
