import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {applySetId, partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import {authzApplySet} from '../../../src/features/authz/spec.ts'
import {type Ground, type GroundCluster, openGround} from '../../support/ground/ground.ts'
import {forgetMembers} from '../../support/ground/members.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import {createUser, denyDeletes, killUntilDone} from '../../support/ground/users.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('authorizers in namespaces that others administer', () => {
  let ground: Ground
  let one: GroundCluster
  let team: Api
  let namespace: string

  beforeAll(async () => {
    ground = await openGround(servers!, {contexts: servers!.contexts.slice(0, 1), balancer: false})
    one = ground.clusters[0]!
    namespace = `${ground.namespace}-team`
    team = await namespaceAdmin(one, namespace)
    const ports = [{name: 'grpc', port: 9000}]
    await team.apply({apiVersion: 'v1', kind: 'Service', metadata: {name: 'ext', namespace}, spec: {ports}})
    for (const name of ['web', 'shop']) {
      const template = {metadata: {labels: {app: name}}, spec: {containers: [{name: 'app', image: 'app'}]}}
      const spec = {selector: {matchLabels: {app: name}}, template}
      await team.apply({apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name, namespace}, spec})
    }
  })
  afterAll(async () => {
    team?.close()
    await ground?.close()
  })
  beforeEach(() => ground.reset())

  const authz = (...args: string[]) => ground.mesh(['authz', ...args, '--system-namespace', ground.namespace])
  const first = (name: string) => ['attach', name, '--service', 'ext:9000', '-n', namespace, '--to', 'workload/web']
  const attach = (name: string, ...args: string[]) => authz(...first(name), ...args, '--yes')
  const policyPath = (name: string) =>
    `/apis/security.istio.io/v1/namespaces/${namespace}/authorizationpolicies/${name}`
  const policy = (name: string) => one.api.get<AnyObject & {spec: {selector?: object}}>(policyPath(name))
  const recordPath = (name: string) => `/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-authz-${name}`
  const record = async (name: string) =>
    (await one.api.get<AnyObject & {data: Record<string, string>}>(recordPath(name)))?.data
  const labelsOf = (name: string) => ({
    [partOfLabel]: applySetId(authzApplySet({name, systemNamespace: ground.namespace})),
    'app.kubernetes.io/managed-by': 'kubectl-mesh',
  })
  /** A policy with the label of an authorizer, made by the team. */
  const forge = (name: string, of: string) =>
    team.apply({
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: {name, namespace, labels: labelsOf(of)},
      spec: {action: 'DENY', rules: [{}], selector: {matchLabels: {app: 'theirs'}}},
    })

  it('attach and detach leave policies with a copied label alone, and report them', async () => {
    expect(await attach('a')).toMatchObject({code: 0})
    await forge('theirs', 'a')
    const again = await attach('a', '--timeout', '3s')
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain('its record does not list them')
    expect(again.stderr).toContain(`authorizationpolicy.security.istio.io/theirs in namespace ${namespace}`)
    expect((await authz('verify', 'a')).stdout).toContain('carries the label of a, but the record does not list it')
    const detached = await authz('detach', 'a', '--yes')
    expect(detached.code, detached.stderr).toBe(0)
    expect(detached.stderr).toContain('--trust-labels')
    expect(await policy('a')).toBeUndefined()
    expect(await policy('theirs')).toBeDefined()
    expect(await record('a')).toBeUndefined()
    await team.delete(policyPath('theirs'))
  })

  it('a policy that replaced ours is neither changed by attach nor removed by detach', async () => {
    expect(await attach('b')).toMatchObject({code: 0})
    await team.delete(policyPath('b'))
    await forge('b', 'b')
    ground.reset()
    const refused = await attach('b')
    expect(refused).toMatchObject({code: 3})
    expect(refused.stderr).toContain('exists and does not use an external authorizer')
    expect(ground.writes()).toEqual([])
    expect(await authz('detach', 'b', '--yes')).toMatchObject({code: 0})
    expect(await policy('b')).toBeDefined()
    await team.delete(policyPath('b'))
  })

  it('keeps the settings of earlier runs, and describes what a run weakens', async () => {
    expect(await attach('c', '--path', '/a*', '--timeout', '3s')).toMatchObject({code: 0})
    ground.reset()
    expect(await authz('attach', 'c', '--yes')).toMatchObject({code: 0})
    expect(ground.writes()).toEqual([])
    const open = await authz('attach', 'c', '--fail', 'open', '--to', 'workload/shop', '--yes')
    expect(open.code, open.stderr).toBe(0)
    expect(open.stderr).toContain('requests will be allowed when the authorizer does not respond')
    expect(open.stderr).toContain('workload/web will no longer be protected by the authorizer; workload/shop will be')
    expect(JSON.parse((await record('c'))!.settings!)).toMatchObject({paths: ['/a*'], fail: 'open', timeout: '3s'})
    expect(await authz('attach', 'c', '--reset', 'nope', '--yes')).toMatchObject({code: 2})
    // A file is complete: without a namespace it means that of the context.
    const file = join(ground.folder, 'c.yaml')
    const target = `service: ext.${namespace}.svc:9000, selector: {app: shop}`
    await writeFile(file, `apiVersion: kubectl-mesh.io/v1alpha1\nkind: ExternalAuthorizer\nspec: {${target}}\n`)
    ground.reset()
    const moved = await authz('attach', 'c', '-f', file, '--yes')
    expect(moved.code, moved.stderr).toBe(2)
    expect(moved.stderr).toContain(`workloads in namespace ${namespace} will no longer be protected`)
    expect(moved.stderr).toContain('add --reset namespace')
    expect(ground.writes()).toEqual([])
    const replaced = await authz('attach', 'c', '-f', file, '-n', namespace, '--yes')
    expect(replaced.code, replaced.stderr).toBe(0)
    expect(JSON.parse((await record('c'))!.settings!)).not.toHaveProperty('paths')
    expect(await authz('detach', 'c', '--yes')).toMatchObject({code: 0})
  })

  it('a user who may not delete, or a reader, changes nothing; a denied deletion: exit code 4 and a report', async () => {
    expect(await attach('d')).toMatchObject({code: 0})
    const patcher = await createUser(one, ground.namespace, 'patcher')
    const refused = await attach('d', '--via', 'envoy-filter', '--as', patcher)
    expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining('you may not delete')})
    one.proxy.decide = denyDeletes
    const moved = await attach('d', '--via', 'envoy-filter')
    ground.reset()
    expect(moved.code, moved.stderr).toBe(4)
    expect(moved.stderr).toContain('authorizationpolicy.security.istio.io/d')
    const reader = await createUser(one, ground.namespace, 'reader')
    ground.reset()
    expect(await attach('d', '--as', reader)).toMatchObject({code: 3})
    expect(await authz('detach', 'd', '--yes', '--as', reader)).toMatchObject({code: 3})
    expect(await authz('list', '--as', reader)).toMatchObject({code: 0})
    // The attempts of the reader are rejected by the server.
    expect(await policy('d')).toBeDefined()
    expect(await record('d')).toBeDefined()
    expect(await attach('d', '--via', 'envoy-filter')).toMatchObject({code: 0})
    expect(await policy('d')).toBeUndefined()
    expect(await authz('detach', 'd', '--yes')).toMatchObject({code: 0})
  })

  it('version 0.1.0: detach removes nothing that cannot be proved; attach adds it to the record', async () => {
    expect(await attach('e')).toMatchObject({code: 0})
    const old = () => forgetMembers(one.api, ground.namespace, 'kubectl-mesh-authz-e')
    await old()
    ground.reset()
    const refused = await authz('detach', 'e', '--yes')
    expect(refused).toMatchObject({code: 3})
    expect(refused.stderr).toContain('--trust-labels')
    expect(ground.writes()).toEqual([])
    const again = await attach('e')
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain('kubectl-mesh 0.1.0 created these objects')
    expect((await record('e'))!.members).toContain(String((await policy('e'))!.metadata.uid))
    await old()
    expect(await authz('detach', 'e', '--trust-labels', '--yes')).toMatchObject({code: 0})
    expect(await policy('e')).toBeUndefined()
  })

  it('killed after each write: attach and detach converge, with a complete record', async () => {
    const where = ['--system-namespace', ground.namespace, '--yes']
    expect(await killUntilDone(ground, ['authz', ...first('f'), ...where])).toBeGreaterThan(2)
    expect((await record('f'))!.members).toBe(
      `security.istio.io/v1 AuthorizationPolicy ${namespace} f ${(await policy('f'))!.metadata.uid}\n`,
    )
    expect(await killUntilDone(ground, ['authz', 'detach', 'f', ...where])).toBeGreaterThan(1)
    expect(await policy('f')).toBeUndefined()
    expect(await record('f')).toBeUndefined()
  })
})
