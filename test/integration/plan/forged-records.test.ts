import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {applySetParentRef} from '../../../src/engine/kubernetes/applyset.ts'
import {applySetParent} from '../../../src/engine/kubernetes/applyset-parent.ts'
import {federationApplySet} from '../../../src/mesh/applyset.ts'
import {controlPlaneApplySet} from '../../../src/mesh/control-plane/objects.ts'
import {servicesApplySet} from '../../../src/mesh/services/objects.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
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
})
