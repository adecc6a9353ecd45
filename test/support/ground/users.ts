import type {ChildProcess} from 'node:child_process'
import {expect} from 'vitest'
import type {Decide} from '../servers/fault-proxy.ts'
import {untilAllowed} from './allowed.ts'
import {type Ground, type GroundCluster, isWrite} from './ground.ts'

const read = ['get', 'list', 'watch']

/** What a user may do with every object of a cluster: only read, or everything except deletions. */
const verbsOf = {reader: read, patcher: [...read, 'create', 'update', 'patch']} as const

/**
 * Creates a user of a cluster and returns its name, for `--as`.
 *
 * @param prefix makes the name unique: the namespace of a ground
 */
export async function createUser({api}: GroundCluster, prefix: string, role: keyof typeof verbsOf): Promise<string> {
  const name = `${prefix}-${role}`
  const apiGroup = 'rbac.authorization.k8s.io'
  const apiVersion = `${apiGroup}/v1`
  const rules = [{apiGroups: ['*'], resources: ['*'], verbs: verbsOf[role]}]
  await api.apply({apiVersion, kind: 'ClusterRole', metadata: {name}, rules})
  await api.apply({
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: {name},
    roleRef: {apiGroup, kind: 'ClusterRole', name},
    subjects: [{apiGroup, kind: 'User', name}],
  })
  await untilAllowed(api, name, {verb: verbsOf[role].at(-1)!, resource: 'configmaps'})
  return name
}

/**
 * Repeats a command and kills it (SIGKILL) at its second write, until a run ends on its own. Returns how often it was killed.
 */
export async function killUntilDone(ground: Ground, args: readonly string[]): Promise<number> {
  for (let kills = 0; ; kills++) {
    expect(kills).toBeLessThan(30)
    let child: ChildProcess | undefined
    let writes = 0
    for (const {proxy} of ground.clusters)
      proxy.decide = request => {
        if (!isWrite(request) || ++writes < 2) return 'pass'
        child?.kill('SIGKILL')
        return 'reset'
      }
    const {code, stderr} = await ground.mesh(args, {
      onStart: started => {
        child = started
      },
    })
    ground.reset()
    if (code === -1) continue
    expect(code, stderr).toBe(0)
    return kills
  }
}

/** A server that denies every deletion, although a review of the permission allows it: an admission webhook does so. */
export const denyDeletes: Decide = ({method}) =>
  method === 'DELETE' ? {status: 403, body: {kind: 'Status', reason: 'Forbidden', message: 'denied'}} : 'pass'
