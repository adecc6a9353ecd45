import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import {applySetId, partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import {tenantApplySet} from '../../../src/features/tenant/objects.ts'
import {controlPlaneApplySet} from '../../../src/mesh/control-plane/objects.ts'
import {editMembers} from '../../support/ground/members.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import {type ProgramResult, runMesh} from '../../support/ground/program.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {openTenantGround, type TenantGround} from '../tenant/support.ts'

type Record = AnyObject & {data: {members: string; settings?: string}}

/** A control plane whose record is lost after its first run. */
interface Plane {
  namespace: string
  record: string
  set: {name: string; namespace: string}
  /** Flags with values that are not the defaults. */
  add: string[]
  /** The same without these flags. */
  bare: string[]
  /** Added to the flags for a run without the record. */
  again: string[]
  remove: string[]
  deployment: string
}

/** The control planes, with an id for the names of a test. A namespace that a removal deletes stays: there is no controller. */
const planes: [name: string, planeOf: (id: string) => Plane][] = [
  [
    'tenant',
    id => ({
      namespace: id,
      record: 'kubectl-mesh-tenant',
      set: tenantApplySet(id),
      add: ['tenant', 'add', id, '--selector-label', `team=${id}`, '--mtls', 'PERMISSIVE', '--no-wait', '--yes'],
      bare: ['tenant', 'add', id, '--no-wait', '--yes'],
      again: [],
      remove: ['tenant', 'remove', id, '--no-wait', '--yes'],
      deployment: `istiod-${id}`,
    }),
  ],
  [
    'install',
    () => ({
      namespace: 'istio-system',
      record: 'kubectl-mesh-control-plane',
      set: controlPlaneApplySet({systemNamespace: 'istio-system', revision: undefined}),
      add: ['install', '--set', 'values.pilot.autoscaleMin=2', '--no-wait', '--yes'],
      bare: ['install', '--no-wait', '--yes'],
      again: ['--force-conflicts'],
      remove: ['install', 'remove', '--yes'],
      deployment: 'istiod',
    }),
  ],
]

describe.skipIf(!sharedServers())('the record of a control plane is lost', () => {
  let ground: TenantGround
  let team: Api
  let count = 0
  let plane: Plane
  const begin = (planeOf: (id: string) => Plane) => {
    plane = planeOf(`lost${++count}`)
    return added(plane.add)
  }
  beforeAll(async () => {
    ground = await openTenantGround()
    team = await namespaceAdmin({api: ground.api, direct: {kubeconfig: ground.kubeconfig, context: 'one'}}, 'team-a')
  })
  afterAll(async () => {
    team?.close()
    await ground?.close()
  })
  const mesh = (words: readonly string[]): Promise<ProgramResult> =>
    runMesh(words, {env: {KUBECONFIG: ground.kubeconfig, PATH: `${ground.bin}:${process.env.PATH}`}})
  const recordPath = () => `/api/v1/namespaces/${plane.namespace}/configmaps/${plane.record}`
  /** Without the namespace of `install`: nothing shows any more who created it, and it is never deleted. */
  const comparable = (members: string) => members.replace(/^v1 Namespace - istio-system .*\n/m, '')
  const dataOf = async () => {
    const {members, ...data} = (await ground.api.get<Record>(recordPath()))!.data
    return {...data, members: comparable(members)}
  }
  const deploymentPath = () => `/apis/apps/v1/namespaces/${plane.namespace}/deployments/${plane.deployment}`
  const forged = () => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name: 'theirs', namespace: 'team-a', labels: {[partOfLabel]: applySetId(plane.set)}},
  })
  const theirs = '/api/v1/namespaces/team-a/configmaps/theirs'
  afterEach(async () => {
    await team.delete(theirs)
    await mesh([...plane.remove, '--trust-labels'])
  })
  const added = async (words: readonly string[]) => {
    const result = await mesh(words)
    expect(result.code, result.stderr).toBe(0)
    return result
  }

  it.each(planes)('%s: deleted; a removal refuses, and another run lists all objects again', async (name, planeOf) => {
    await begin(planeOf)
    const before = await dataOf()
    await ground.api.delete(recordPath())
    const state = await ground.snapshot()
    const refused = await mesh(plane.remove)
    expect(refused.code, refused.stderr).toBe(3)
    expect(refused.stderr).toContain('is missing; nothing was removed')
    expect(refused.stderr).toContain(`deployment.apps/${plane.deployment} in namespace ${plane.namespace}`)
    expect(refused.stderr).toContain('--trust-labels')
    expect(await ground.snapshot()).toEqual(state)
    if (name === 'tenant') {
      // Its istiod selects namespaces by another label than the default.
      const other = await mesh(plane.bare)
      expect(other.code, other.stderr).toBe(3)
      expect(other.stderr).toContain(
        `add --selector-label team=${plane.namespace}, and the other flags of earlier runs`,
      )
      expect(await ground.snapshot()).toEqual(state)
    }
    const {stderr} = await added([...plane.add, ...plane.again])
    expect(stderr).toContain('the record of these objects, is missing. This run lists them again:')
    expect(await dataOf()).toEqual(before)
    const removed = await added(plane.remove)
    expect(removed.stderr).not.toContain('--trust-labels')
    expect(await ground.api.get(deploymentPath())).toBeUndefined()
  })

  it.each(planes)(
    '%s: emptied; the next run without flags keeps the settings, and lists all objects again',
    async (_, planeOf) => {
      await begin(planeOf)
      const before = await dataOf()
      await editMembers(ground.api, recordPath(), () => false)
      const removed = await mesh(plane.remove)
      expect(removed.code, removed.stderr).toBe(3)
      expect(removed.stderr).toContain('lists none of')
      const {stderr} = await added(plane.bare)
      expect(stderr).toContain('the record of these objects, lists none of them. This run lists them again:')
      expect(await dataOf()).toEqual(before)
    },
  )

  it.each(planes)('%s: without one object; it is reported, and stays until --trust-labels', async (_, planeOf) => {
    await begin(planeOf)
    const {uid} = (await ground.api.get<AnyObject>(deploymentPath()))!.metadata
    const members = await editMembers(ground.api, recordPath(), line => !line.endsWith(uid as string))
    const {stderr} = await added(plane.add)
    expect(stderr).toContain('its record does not list them. They are left alone:')
    expect((await dataOf()).members).toBe(comparable(members))
    const removed = await added([...plane.remove, '--trust-labels'])
    expect(removed.stderr).toContain('They are removed too, because of --trust-labels:')
    expect(await ground.api.get(deploymentPath())).toBeUndefined()
  })

  it.each(planes)(
    '%s: --trust-labels removes nothing in another namespace, and the label blocks no removal',
    async (_, planeOf) => {
      await begin(planeOf)
      await team.create(forged())
      const before = await ground.api.get(theirs)
      await ground.api.delete(recordPath())
      const removed = await added([...plane.remove, '--trust-labels'])
      const [trusted = '', left = ''] = removed.stderr.split('They are left alone:')
      expect(trusted).toContain(`deployment.apps/${plane.deployment} in namespace ${plane.namespace}`)
      expect(trusted).not.toContain('team-a')
      expect(left).toContain('configmap/theirs in namespace team-a')
      expect(await ground.api.get(deploymentPath())).toBeUndefined()
      expect(await ground.api.get(theirs)).toEqual(before)
      // A label in another namespace is no sign of a lost record.
      const again = await mesh(plane.remove)
      expect(again.code, again.stderr).toBe(0)
      expect(again.stderr).toContain('nothing to remove')
    },
  )
})
