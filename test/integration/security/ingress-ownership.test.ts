import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {applySetId, partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import {ingressApplySet} from '../../../src/features/ingress/objects.ts'
import {ingressTlsApplySet} from '../../../src/features/ingress/tls/objects.ts'
import {gatewayNameOf} from '../../../src/features/ingress/tls/spec-host.ts'
import {ecKey, makeCertificate} from '../../pki/support.ts'
import {type Ground, type GroundCluster, openGround} from '../../support/ground/ground.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import {createUser, denyDeletes, killUntilDone} from '../../support/ground/users.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {injector, makeNode} from '../ingress/support.ts'

const servers = sharedServers()

describe.skipIf(!servers)('ingress gateways in namespaces that others administer', () => {
  let ground: Ground
  let one: GroundCluster
  let team: Api
  let namespace: string
  /** Only one Gateway of a cluster may serve a host. */
  let host: string

  beforeAll(async () => {
    ground = await openGround(servers!, {contexts: servers!.contexts.slice(0, 1), balancer: false})
    one = ground.clusters[0]!
    namespace = `${ground.namespace}-team`
    team = await namespaceAdmin(one, namespace)
    host = `${ground.namespace}.example.com`
    const own = injector()
    await one.api.create({...own, metadata: {...own.metadata, name: `injector-${ground.namespace}`}})
    await makeNode(one.api, `node-${ground.namespace}`, {front: 'true'})
    const key = ecKey()
    const pem = makeCertificate({key, subject: '/CN=shop', extensions: [`subjectAltName=DNS:${host}`], days: 90})
    await writeFile(join(ground.folder, 'key.pem'), key, {mode: 0o600})
    await writeFile(join(ground.folder, 'cert.pem'), pem)
  })
  afterAll(async () => {
    const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
    await one?.api.delete(`${path}/injector-${ground.namespace}`)
    await one?.api.delete(`/api/v1/nodes/node-${ground.namespace}`)
    team?.close()
    await ground?.close()
  })
  beforeEach(() => ground.reset())

  const where = () => ['-n', namespace, '--system-namespace', ground.namespace, '--yes']
  const deploy = (name: string, ...args: string[]) =>
    ground.mesh(['ingress', 'deploy', name, ...where(), '--no-wait', ...args])
  const remove = (name: string, ...args: string[]) => ground.mesh(['ingress', 'remove', name, ...where(), ...args])
  const tls = (...args: string[]) => ground.mesh(['ingress', 'tls', host, ...where(), ...args])
  const files = () => ['--cert', join(ground.folder, 'cert.pem'), '--key', join(ground.folder, 'key.pem')]
  const objectOf = (path: string) => one.api.get<AnyObject & {data?: Record<string, string>}>(path)
  const servicePath = (name: string) => `/api/v1/namespaces/${namespace}/services/${name}`
  const recordPath = (name: string) =>
    `/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-ingress-${namespace}.${name}`
  const setOf = (name: string) => ingressApplySet({name, namespace, systemNamespace: ground.namespace})
  const paths = (name: string) => [
    `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`,
    servicePath(name),
    `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
    `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/${name}`,
    `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles/${name}-sds`,
    `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings/${name}-sds`,
  ]
  const forge = (name: string, set: {name: string; namespace: string}) =>
    team.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name, namespace, labels: {[partOfLabel]: applySetId(set)}},
      spec: {ports: [{port: 80}]},
    })
  /** Turns objects into those of version 0.1.0: the old label, a record beside them, and none in the system namespace. */
  async function makeOld(all: string[], former: {name: string; namespace: string}, record: string): Promise<void> {
    const id = applySetId(former)
    for (const path of all) {
      const object = (await objectOf(path))!
      const labels = {...(object.metadata.labels as object), [partOfLabel]: id}
      await one.api.replace({...object, metadata: {...object.metadata, labels}}, 'kubectl-mesh')
      // Version 0.1.0 set the label in its apply, not in an update.
      const {managedFields} = object.metadata
      const live = (await objectOf(path))!
      await one.api.replace({...live, metadata: {...live.metadata, managedFields}}, 'kubectl-mesh')
    }
    const labels = {'applyset.kubernetes.io/id': id}
    await one.api.apply({apiVersion: 'v1', kind: 'ConfigMap', metadata: {...former, labels}, data: {cluster: 'east'}})
    await one.api.delete(record)
  }

  it('remove deletes what the record lists, and leaves copied labels and an edited old record alone', async () => {
    expect(await deploy('a')).toMatchObject({code: 0})
    expect((await objectOf(recordPath('a')))!.data!.members!.trimEnd().split('\n')).toHaveLength(6)
    await forge('theirs', setOf('a'))
    await forge('older', setOf('a').former!)
    const members = `v1 Namespace - ${namespace} x\nv1 Secret kube-system y z\n`
    await team.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'kubectl-mesh-ingress-a', namespace},
      data: {members, settings: '{"kind":"daemonset"}'},
    })
    const again = await deploy('a')
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain(`service/theirs in namespace ${namespace}`)
    expect(again.stderr).toContain(`service/older in namespace ${namespace}`)
    expect(again.stdout).toBe('')
    const removed = await remove('a')
    expect(removed.code, removed.stderr).toBe(0)
    expect(removed.stderr).toContain(`service/theirs in namespace ${namespace}`)
    for (const path of paths('a')) expect(await objectOf(path), path).toBeUndefined()
    expect(await objectOf(recordPath('a'))).toBeUndefined()
    for (const name of ['theirs', 'older']) {
      expect(await objectOf(servicePath(name))).toBeDefined()
      await team.delete(servicePath(name))
    }
    expect(await objectOf(`/api/v1/namespaces/${namespace}/configmaps/kubectl-mesh-ingress-a`)).toBeDefined()
  })

  it('a Service that replaced ours is neither changed by deploy nor removed', async () => {
    expect(await deploy('b')).toMatchObject({code: 0})
    await team.delete(servicePath('b'))
    await forge('b', setOf('b').former!)
    ground.reset()
    const refused = await deploy('b')
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain(`Service ${namespace}/b already exists`)
    expect(ground.writes()).toEqual([])
    expect(await remove('b')).toMatchObject({code: 0})
    expect(await objectOf(servicePath('b'))).toBeDefined()
    await team.delete(servicePath('b'))
  })

  it('a user who may not delete, or a reader, changes nothing; a denied deletion: exit code 4 and a report', async () => {
    expect(await deploy('c')).toMatchObject({code: 0})
    const patcher = await createUser(one, ground.namespace, 'patcher')
    const refused = await deploy('c', '--kind', 'daemonset', '--as', patcher)
    expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining('you may not delete')})
    one.proxy.decide = denyDeletes
    const changed = await deploy('c', '--kind', 'daemonset')
    ground.reset()
    expect(changed.code, changed.stderr).toBe(4)
    expect(changed.stdout).toContain('daemonset.apps/c serverside-applied')
    expect(changed.stderr).toContain('deployment.apps/c')
    const reader = await createUser(one, ground.namespace, 'reader')
    const version = (await objectOf(recordPath('c')))!.metadata.resourceVersion
    expect(await deploy('c', '--kind', 'deployment', '--as', reader)).toMatchObject({code: 3})
    expect(await remove('c', '--as', reader)).toMatchObject({code: 3})
    expect((await objectOf(recordPath('c')))!.metadata.resourceVersion).toBe(version)
    // The run of an administrator completes what the other user could not.
    const completed = await deploy('c')
    expect(completed.stdout).toContain('deployment.apps/c deleted')
    expect(await remove('c')).toMatchObject({code: 0})
  })

  it('version 0.1.0: remove deletes nothing that cannot be proved; deploy moves the record', async () => {
    expect(await deploy('d')).toMatchObject({code: 0})
    const former = setOf('d').former!
    const old = `/api/v1/namespaces/${namespace}/configmaps/${former.name}`
    await makeOld(paths('d'), former, recordPath('d'))
    ground.reset()
    const refused = await remove('d')
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain(`deployment.apps/d in namespace ${namespace}`)
    expect(refused.stderr).toContain('--trust-labels')
    expect(ground.writes()).toEqual([])
    const again = await deploy('d')
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain('kubectl-mesh 0.1.0 created these objects')
    expect(again.stdout).toContain(`configmap/${former.name} deleted`)
    expect(await objectOf(old)).toBeUndefined()
    expect((await objectOf(recordPath('d')))!.data!.members!.trimEnd().split('\n')).toHaveLength(6)
    await makeOld(paths('d'), former, recordPath('d'))
    const trusted = await remove('d', '--trust-labels')
    expect(trusted.code, trusted.stderr).toBe(0)
    for (const path of [...paths('d'), old]) expect(await objectOf(path), path).toBeUndefined()
  })

  it('killed after each write: deploy and remove converge, with a complete record', async () => {
    expect(await killUntilDone(ground, ['ingress', 'deploy', 'e', ...where(), '--no-wait'])).toBeGreaterThan(4)
    const members = (await objectOf(recordPath('e')))!.data!.members!
    for (const path of paths('e')) expect(members).toContain(` ${(await objectOf(path))!.metadata.uid}\n`)
    expect(members.trimEnd().split('\n')).toHaveLength(6)
    expect(await killUntilDone(ground, ['ingress', 'remove', 'e', ...where()])).toBeGreaterThan(3)
    for (const path of [...paths('e'), recordPath('e')]) expect(await objectOf(path), path).toBeUndefined()
  })

  it('tls: the record is in the system namespace; a Gateway with a copied label is not ours', async () => {
    expect(await deploy('istio-ingressgateway')).toMatchObject({code: 0})
    const id = {host, namespace, systemNamespace: ground.namespace}
    const set = ingressTlsApplySet(id)
    const name = gatewayNameOf(host)
    const gatewayPath = `/apis/networking.istio.io/v1/namespaces/${namespace}/gateways/${name}`
    const record = `/api/v1/namespaces/${ground.namespace}/configmaps/${set.name}`
    // Killed after each write, it converges.
    expect(await killUntilDone(ground, ['ingress', 'tls', host, ...where(), ...files(), '--redirect'])).toBeGreaterThan(
      2,
    )
    const {data} = (await objectOf(record))!
    expect(data!.members!.trimEnd().split('\n')).toHaveLength(2)
    expect(JSON.parse(data!.settings!)).toEqual({namespace, redirect: true})
    expect(data!.members).toContain(String((await objectOf(gatewayPath))!.metadata.uid))
    // A run without -n and without --redirect keeps both.
    const again = ['ingress', 'tls', host, '--system-namespace', ground.namespace, '--yes', ...files()]
    expect(await ground.mesh(again)).toMatchObject({code: 0, stdout: ''})
    const spec = (await objectOf(gatewayPath))!.spec as object
    await team.delete(gatewayPath)
    const labels = {[partOfLabel]: applySetId(set)}
    await team.apply({
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: {name, namespace, labels},
      spec,
    } as AnyObject)
    ground.reset()
    const refused = await tls(...files())
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain(`Gateway ${namespace}/${name} already exists and is not managed by kubectl-mesh`)
    expect(ground.writes()).toEqual([])
    await team.delete(gatewayPath)
    expect(await tls(...files())).toMatchObject({code: 0})
    const secretPath = `/api/v1/namespaces/${namespace}/secrets/${name}-tls`
    await makeOld([gatewayPath, secretPath], set.former!, record)
    const moved = await tls(...files(), '--redirect')
    expect(moved.code, moved.stderr).toBe(0)
    expect(moved.stdout).toContain('configmap/kubectl-mesh-ingress-tls deleted')
    expect((await objectOf(record))!.data!.members).toContain(String((await objectOf(gatewayPath))!.metadata.uid))
  })
})
