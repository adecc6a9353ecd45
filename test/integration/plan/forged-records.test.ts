import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {applySetParentRef} from '../../../src/engine/kubernetes/applyset.ts'
import {applySetParent} from '../../../src/engine/kubernetes/applyset-parent.ts'
import {authzApplySet} from '../../../src/features/authz/spec.ts'
import {ingressApplySet} from '../../../src/features/ingress/objects.ts'
import {ingressTlsApplySet} from '../../../src/features/ingress/tls/objects.ts'
import {localityApplySet} from '../../../src/features/locality/balance/objects.ts'
import {vmApplySet} from '../../../src/features/vm/objects.ts'
import {federationApplySet} from '../../../src/mesh/applyset.ts'
import {controlPlaneApplySet} from '../../../src/mesh/control-plane/objects.ts'
import {servicesApplySet} from '../../../src/mesh/services/objects.ts'
import {buildControlPlane} from '../../support/fake/control-plane.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('a record that a namespace administrator forged, if a command names that namespace', () => {
  let ground: Ground
  let team: string
  beforeAll(async () => {
    ground = await openGround(servers!)
    team = `${ground.namespace}-team`
    await ground.cluster('east').api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: team}})
  })
  afterAll(() => ground?.close())

  const role = (name: string) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {name},
    rules: [],
  })
  const secret = () => ({apiVersion: 'v1', kind: 'Secret', metadata: {name: 'db', namespace: ground.namespace}})
  const entry = () => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: {name: 'theirs', namespace: ground.namespace},
    spec: {hosts: ['a.test']},
  })

  const cases = [
    [
      'federate remove',
      () => federationApplySet({systemNamespace: team}),
      ['federate', 'remove', '--contexts', 'east'],
    ],
    [
      'install remove',
      () => controlPlaneApplySet({systemNamespace: team, revision: undefined}),
      ['install', 'remove', '--context', 'east'],
    ],
    ['service unexport', () => servicesApplySet({systemNamespace: team}), ['federate', 'remove', '--contexts', 'east']],
  ] as const

  it.each(cases)('%s deletes nothing outside it', async (_, setOf, command) => {
    const {api, context} = ground.cluster('east')
    const victims: AnyObject[] = [role(`victim-${team}`), secret(), entry()]
    const live = await Promise.all(victims.map(victim => api.apply(victim)))
    const set = setOf()
    const lines = live.map(
      ({apiVersion, kind, metadata: {namespace = '-', name, uid}}) =>
        `${apiVersion} ${kind} ${namespace} ${name} ${uid}`,
    )
    const {object} = applySetParent(set, 'east', {
      cluster: 'east',
      network: 'n',
      members: `${lines.sort().join('\n')}\n`,
    })
    const {annotations} = object.metadata
    const metadata = {...object.metadata, annotations: {...annotations, 'kubectl-mesh.io/lists-members': 'yes'}}
    await api.apply({...object, metadata} as AnyObject)
    ground.reset()
    const words = command.map(word => (word === 'east' ? context : word))
    const {code, stderr} = await ground.mesh([...words, '--system-namespace', team, '--yes'])
    expect({code, stderr}).toMatchObject({code: 3})
    expect(stderr).toMatch(/lists objects that kubectl-mesh does not create for this namespace|no federation found/)
    expect(ground.writes()).toEqual([])
    const {name, namespace} = applySetParentRef(set)
    await api.delete(`/api/v1/namespaces/${namespace}/configmaps/${name}`)
    await api.delete(`/apis/rbac.authorization.k8s.io/v1/clusterroles/victim-${team}`)
  })

  const victim = () => ground.namespace
  const records = [
    {
      command: 'authz detach',
      set: () => authzApplySet({name: 'ext', systemNamespace: team}),
      object: () => policy(),
      data: {name: 'ext', via: 'mesh-config'},
      words: () => ['authz', 'detach', 'ext'],
    },
    {
      command: 'authz attach',
      set: () => authzApplySet({name: 'ext', systemNamespace: team}),
      object: () => policy(),
      data: {name: 'ext', via: 'mesh-config'},
      words: () => ['authz', 'attach', 'ext', '--service', 'ext:9000', '-n', victim(), '--to', 'workload/web'],
    },
    {
      command: 'ingress remove',
      set: () => ingressApplySet({name: 'gw', namespace: victim(), systemNamespace: team}),
      object: () => secretNamed('gw'),
      data: {namespace: 'x', gateway: 'gw'},
      words: () => ['ingress', 'remove', 'gw', '-n', victim()],
    },
    {
      command: 'ingress deploy',
      set: () => ingressApplySet({name: 'gw', namespace: victim(), systemNamespace: team}),
      object: () => secretNamed('gw'),
      data: {settings: '{"kind":"daemonset","hostPorts":["443=8443"]}'},
      words: () => ['ingress', 'deploy', 'gw', '-n', victim()],
    },
    {
      command: 'ingress tls --remove',
      set: () => ingressTlsApplySet({host: 'a.test', namespace: victim(), systemNamespace: team}),
      object: () => secretNamed('db'),
      data: {namespace: 'VICTIM', host: 'a.test'},
      words: () => ['ingress', 'tls', 'a.test', '--remove', '-n', victim()],
    },
    {
      command: 'locality balance',
      set: () => localityApplySet({systemNamespace: team, revision: undefined}),
      object: () => rule(),
      data: {},
      words: () => ['locality', 'balance', `web.${victim()}`, '-n', victim(), '--failover', 'a=b'],
    },
    {
      command: 'vm remove',
      set: () => vmApplySet({name: 'web', namespace: victim(), systemNamespace: team}),
      object: () => secretNamed('kubectl-mesh-vm-web'),
      data: {settings: '{}', vm: 'VICTIM/web'},
      words: () => ['vm', 'remove', 'web', '-n', victim()],
    },
    {
      command: 'vm renew',
      set: () => vmApplySet({name: 'web', namespace: victim(), systemNamespace: team}),
      object: () => secretNamed('kubectl-mesh-vm-web'),
      data: {settings: '{"serviceAccount":"default"}', vm: 'VICTIM/web'},
      words: () => ['vm', 'renew', 'web', '-n', victim(), '--output-dir', `${ground.folder}/bundle`],
    },
  ]
  const secretNamed = (name: string) => ({...secret(), metadata: {name, namespace: victim()}})
  const policy = () => ({
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: {name: 'theirs', namespace: victim()},
    spec: {action: 'DENY', rules: [{}]},
  })
  const rule = () => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: {name: 'web-locality', namespace: victim()},
    spec: {host: 'web'},
  })

  it.each(records)('$command believes no record of an administrator of that namespace', async each => {
    const {api, context} = ground.cluster('east')
    const admin = await namespaceAdmin(ground.cluster('east'), team)
    const {uid} = (await api.apply(each.object())).metadata
    const {apiVersion, kind, metadata} = each.object()
    const members = `${apiVersion} ${kind} ${metadata.namespace} ${metadata.name} ${uid}\n`
    const {object} = applySetParent(each.set(), 'east', {cluster: 'east', members})
    const data = Object.fromEntries(
      Object.entries({...(object.data as object), ...each.data}).map(([key, text]) => [
        key,
        text.replace('VICTIM', victim()),
      ]),
    )
    // The administrator can also create an istiod there.
    const fake = buildControlPlane({systemNamespace: team})
    for (const one of [...fake, {...object, data} as unknown as AnyObject]) await admin.apply(one)
    admin.close()
    ground.reset()
    const isRemoval = /detach|remove/.test(each.command)
    const where = ['--context', context, '--system-namespace', team, ...(each.command === 'vm renew' ? [] : ['--yes'])]
    const {code, stderr} = await ground.mesh([...each.words(), ...where])
    expect(stderr).toMatch(/ConfigMap \S+ in namespace \S+ is not trusted: no cluster-wide object shows/)
    expect(code).toBe(3)
    expect(stderr.includes('--trust-labels')).toBe(isRemoval)
    expect(ground.writes()).toEqual([])
    await api.delete(`/api/v1/namespaces/${team}/configmaps/${each.set().name}`)
  })

  it('the same record counts as soon as a cluster-wide object shows that mesh administrators control the namespace', async () => {
    const {api, context} = ground.cluster('east')
    const {uid} = (await api.apply(policy() as AnyObject)).metadata
    const {object} = applySetParent(authzApplySet({name: 'ext', systemNamespace: team}), 'east', {
      ...{cluster: 'east', name: 'ext', via: 'mesh-config'},
      members: `security.istio.io/v1 AuthorizationPolicy ${victim()} theirs ${uid}\n`,
    })
    await api.apply(object as unknown as AnyObject)
    await api.apply({...role(`kubectl-mesh-tenant-${team}`)} as AnyObject)
    const {code, stderr} = await ground.mesh([
      'authz',
      'detach',
      'ext',
      '--context',
      context,
      '--system-namespace',
      team,
      '--yes',
    ])
    expect(code, stderr).toBe(0)
    const path = `/apis/security.istio.io/v1/namespaces/${victim()}/authorizationpolicies/theirs`
    expect(await api.get(path)).toBeUndefined()
    await api.delete(`/apis/rbac.authorization.k8s.io/v1/clusterroles/kubectl-mesh-tenant-${team}`)
  })
})
