import {execFileSync} from 'node:child_process'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {applySetId, partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import {idLabel} from '../../../src/engine/kubernetes/applyset-parent.ts'
import {fakeControlPlane} from '../../support/fake/control-plane.ts'
import {type Ground, type GroundCluster, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {findKubectl} from '../../support/servers/kubectl.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

// Two revisions in one system namespace, as during a canary upgrade: 1-30-0 is the old one, 1-31-0 the new one.
describe.skipIf(!servers)('mesh authz with two revisions', () => {
  let ground: Ground
  let one: GroundCluster
  let namespace: string

  beforeAll(async () => {
    ground = await openGround(servers!, {contexts: servers!.contexts.slice(0, 1), controlPlane: () => false})
    one = ground.clusters[0]!
    namespace = `${ground.namespace}-shop`
    const {kubeconfig, context} = one.direct
    for (const revision of ['1-30-0', '1-31-0'])
      await fakeControlPlane(kubeconfig, context, {systemNamespace: ground.namespace, revision})
    await one.api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    await one.api.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'ext', namespace},
      spec: {ports: [{name: 'grpc', port: 9000}]},
    })
    await deployment('web')
  })
  afterAll(() => ground?.close())
  beforeEach(() => ground.reset())

  const deployment = (name: string) =>
    one.api.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {name, namespace},
      spec: {
        selector: {matchLabels: {app: name}},
        template: {metadata: {labels: {app: name}}, spec: {containers: [{name: 'app', image: 'app'}]}},
      },
    })
  /** A pod with a sidecar of a revision. Without a revision it has no sidecar. */
  const pod = (app: string, revision?: string) =>
    one.api.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${app}-1`,
        namespace,
        labels: {app},
        ...(revision ? {annotations: {'istio.io/rev': revision}} : {}),
      },
      spec: {
        containers: ['app', ...(revision ? ['istio-proxy'] : [])].map(name => ({name, image: name})),
      },
    })
  const removePod = (app: string) =>
    one.api.delete(`/api/v1/namespaces/${namespace}/pods/${app}-1?gracePeriodSeconds=0`)
  const authz = (...args: string[]) => ground.mesh(['authz', ...args, '--system-namespace', ground.namespace])
  const attach = (name: string, app: string, ...args: string[]) =>
    authz('attach', name, '--service', 'ext:9000', '-n', namespace, '--to', `workload/${app}`, ...args, '--yes')
  const configMap = async (name: string) =>
    (await one.api.get<AnyObject & {data: Record<string, string>}>(
      `/api/v1/namespaces/${ground.namespace}/configmaps/${name}`,
    ))!
  const hasProvider = async (revision: string, name: string) =>
    (await configMap(`istio-${revision}`)).data.mesh!.includes(`- name: ${name}\n`)
  const policy = (name: string) =>
    one.api.get(`/apis/security.istio.io/v1/namespaces/${namespace}/authorizationpolicies/${name}`)
  const checksOf = async (...args: string[]) => {
    const {code, stdout} = await authz('verify', ...args, '-o', 'json')
    const {findings} = JSON.parse(stdout).verified[0] as {findings: {level: string; check: string}[]}
    return {code, checks: findings.map(({level, check}) => `${level} ${check}`)}
  }

  it('one policy and one record for both; a revision is added with a flag, and removed again', async () => {
    expect(await attach('canary', 'web', '--revision', '1-30-0')).toMatchObject({code: 0})
    expect((await policy('canary'))!.metadata.labels).not.toHaveProperty('istio.io/rev')
    expect((await checksOf('canary', '--revision', '1-30-0')).checks).toContain('warning revisions')
    // The new revision reads the policy too, and denies every request without the provider.
    expect((await checksOf('canary', '--revision', '1-31-0')).checks).toContain('error provider')

    expect(await authz('attach', 'canary', '--revision', '1-31-0', '--yes')).toMatchObject({code: 0})
    expect([await hasProvider('1-30-0', 'canary'), await hasProvider('1-31-0', 'canary')]).toEqual([true, true])
    expect((await configMap('kubectl-mesh-authz-canary')).data.revisions).toBe('1-30-0,1-31-0')
    for (const revision of ['1-30-0', '1-31-0'])
      expect((await checksOf('canary', '--revision', revision)).checks).not.toContain('warning revisions')

    expect(await authz('detach', 'canary', '--revision', '1-30-0', '--yes')).toMatchObject({code: 0})
    expect([await hasProvider('1-30-0', 'canary'), await hasProvider('1-31-0', 'canary')]).toEqual([false, true])
    expect(await policy('canary')).toBeDefined()
    expect((await configMap('kubectl-mesh-authz-canary')).data.revisions).toBe('1-31-0')

    expect(await authz('attach', 'canary', '--revision', '1-30-0', '--yes')).toMatchObject({code: 0})
    // Without a revision: everywhere.
    expect(await authz('detach', 'canary', '--yes')).toMatchObject({code: 0})
    expect([await hasProvider('1-30-0', 'canary'), await hasProvider('1-31-0', 'canary')]).toEqual([false, false])
    expect(await policy('canary')).toBeUndefined()
    expect(await configMap('kubectl-mesh-authz-canary')).toBeUndefined()
  })

  it('the next run migrates the policy of an earlier version: it loses its label, after both revisions have the provider', async () => {
    const [name, former] = ['old', 'kubectl-mesh-authz-old-1-30-0']
    expect(await attach(name, 'web', '--revision', '1-30-0')).toMatchObject({code: 0})
    await makeFormer(name, former)
    expect(await checksOf(name, '--revision', '1-31-0')).toMatchObject({
      code: 5,
      checks: expect.arrayContaining(['error read']),
    })
    expect((await authz('list', '--revision', '1-31-0')).stdout).toMatch(
      new RegExp(`^old .* ${namespace}/old \\(not read\\) +missing +\\S+$`, 'm'),
    )
    ground.reset()
    const {code, stderr} = await authz('attach', name, '--revision', '1-31-0', '--yes')
    expect({code, stderr}).toMatchObject({code: 0})
    const order = ground.writes().map(({url}) => url.replace(/\?.*/, '').split('/').slice(-1)[0])
    expect(order).toEqual([former, 'istio-1-31-0', name])
    expect((await policy(name))!.metadata.labels).not.toHaveProperty('istio.io/rev')
    expect((await configMap(former)).data.revisions).toBe('1-30-0,1-31-0')
    ground.reset()
    expect(await authz('attach', name, '--revision', '1-31-0', '--yes')).toMatchObject({code: 0})
    expect(ground.writes()).toEqual([])
    expect(await authz('detach', name, '--yes')).toMatchObject({code: 0})
    expect([await policy(name), await configMap(former)]).toEqual([undefined, undefined])
    expect([await hasProvider('1-30-0', name), await hasProvider('1-31-0', name)]).toEqual([false, false])
  })

  /** Changes the policy and the record of an authorizer into those that version 0.1.0 wrote for revision 1-30-0. */
  async function makeFormer(name: string, former: string): Promise<void> {
    const record = await configMap(`kubectl-mesh-authz-${name}`)
    const {revisions, members, ...data} = record.data
    expect(revisions).toBe('1-30-0')
    const id = applySetId({name: former, namespace: ground.namespace})
    const {annotations} = record.metadata as {annotations?: Record<string, string>}
    const {
      uid: _,
      resourceVersion: __,
      managedFields: ___,
      ...metadata
    } = (await policy(name))!.metadata as {
      [key: string]: unknown
      name: string
      labels: Record<string, string>
    }
    const {spec} = (await policy(name))!
    const labels = {...metadata.labels, [partOfLabel]: id, 'istio.io/rev': '1-30-0'}
    await applyAs({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: former, namespace: ground.namespace, annotations, labels: {[idLabel]: id}},
      data,
    })
    // Lists of members are patched, so they are no applied fields.
    await one.api.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: former, namespace: ground.namespace},
      data: {members},
    })
    await applyAs({
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: {name, namespace, labels},
      spec,
    })
    await one.api.delete(`/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-authz-${name}`)
  }

  /** Applies an object with our field manager. */
  async function applyAs(object: AnyObject): Promise<void> {
    const {kubeconfig, context} = one.direct
    const flags = ['--kubeconfig', kubeconfig, '--context', context, '--field-manager', 'kubectl-mesh']
    const args = ['apply', '--server-side', '--force-conflicts', ...flags, '-f', '-']
    execFileSync(await findKubectl(), args, {input: JSON.stringify(object), encoding: 'utf8'})
  }

  it('adds the provider to the revision that runs the target, and keeps it while that revision needs it', async () => {
    await deployment('moving')
    await pod('moving', '1-31-0')
    const {code, stderr} = await attach('both', 'moving', '--revision', '1-30-0')
    expect({code, stderr}).toMatchObject({code: 0, stderr: expect.stringContaining('1 of 1 pod runs revision 1-31-0')})
    expect([await hasProvider('1-30-0', 'both'), await hasProvider('1-31-0', 'both')]).toEqual([true, true])
    ground.reset()
    const refused = await authz('detach', 'both', '--revision', '1-31-0', '--yes')
    expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining('still runs revision 1-31-0')})
    expect(ground.writes()).toEqual([])
    // A revision that lost the provider.
    await one.api.apply({...(await withoutManaged('istio-1-31-0')), data: {mesh: 'trustDomain: cluster.local\n'}})
    expect(await checksOf('both', '--revision', '1-30-0')).toMatchObject({
      code: 5,
      checks: expect.arrayContaining(['error revisions']),
    })
    expect(await authz('detach', 'both', '--yes')).toMatchObject({code: 0})
    await removePod('moving')
  })

  const withoutManaged = async (name: string): Promise<AnyObject> => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name, namespace: ground.namespace},
  })

  it('refuses a target that no proxy protects, and verify reports one', async () => {
    await deployment('plain')
    await pod('plain')
    const refused = await attach('no-proxy', 'plain', '--revision', '1-30-0')
    expect(refused).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(
        'workload/plain: 1 of 1 pod has no proxy, so requests to them reach no authorizer',
      ),
    })
    expect(ground.writes()).toEqual([])
    await removePod('plain')
    expect(await attach('no-proxy', 'plain', '--revision', '1-30-0')).toMatchObject({code: 0})
    await pod('plain')
    const found = await checksOf('no-proxy', '--revision', '1-30-0')
    expect(found).toMatchObject({code: 5, checks: expect.arrayContaining(['error proxies'])})
    expect(await authz('detach', 'no-proxy', '--yes')).toMatchObject({code: 0})
    await removePod('plain')
  })
})
