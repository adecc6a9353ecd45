import {expect, test} from 'vitest'
import type {Cluster} from '../../src/engine/cluster/cluster.ts'
import {ApiError} from '../../src/engine/cluster/errors.ts'
import {DeniedReadsError} from '../../src/engine/cluster/rights/denied-reads.ts'
import {checkRights} from '../../src/engine/cluster/rights/rights.ts'
import {distinctRights, rightsFor} from '../../src/engine/kubernetes/access-rules.ts'
import type {Change} from '../../src/engine/kubernetes/change.ts'
import {exitCodes, MeshError} from '../../src/errors.ts'
import {explainDenial} from '../../src/run/missing-rights.ts'

const metadata = {name: 'a', namespace: 'shop'}
const changes: Change[] = [
  {action: 'apply', cluster: 'east', wave: 10, object: {apiVersion: 'v1', kind: 'Service', metadata}},
  {action: 'apply', cluster: 'east', wave: 10, object: {apiVersion: 'v1', kind: 'Service', metadata}},
  {action: 'remove', cluster: 'east', wave: 10, target: {apiVersion: 'apps/v1', kind: 'Deployment', ...metadata}},
]
const denial = new ApiError(403, 'Forbidden', 'services is forbidden')

/** A cluster that grants the verbs, and records what is reviewed. */
function clusterGranting(verbs: string[]) {
  const reviewed: object[] = []
  const create: Cluster['create'] = async (path, body) => {
    // Another authorizer than RBAC grants the permissions, which has no rules.
    if (path.endsWith('/selfsubjectrulesreviews'))
      return {apiVersion: '', kind: '', metadata: {name: ''}, status: {resourceRules: [], incomplete: true}}
    const {resourceAttributes} = (body as {spec: {resourceAttributes: {verb: string}}}).spec
    reviewed.push(resourceAttributes)
    return {apiVersion: '', kind: '', metadata: {name: ''}, status: {allowed: verbs.includes(resourceAttributes.verb)}}
  }
  const cluster = {create, lacks: rights => checkRights(cluster, distinctRights(rights))} as Cluster
  return {reviewed, cluster}
}

const explained = (cluster: Cluster, error: Error) =>
  explainDenial(cluster, 'east', changes, async () => Promise.reject(error)).catch((thrown: unknown) => thrown)

test('a denied comparison lists all permissions that the changes lack, each once, with the rules', async () => {
  const {cluster, reviewed} = clusterGranting(['get', 'list', 'patch'])
  const error = (await explained(cluster, denial)) as MeshError
  expect(error).toBeInstanceOf(MeshError)
  expect(error.exit).toBe(exitCodes.refused)
  expect(error.problems).toEqual([
    {
      message: 'east: you may not create services; delete deployments.apps in namespace shop',
      hints: [expect.stringContaining('"verbs":["delete"]')],
    },
  ])
  expect(reviewed).toHaveLength(7)
})

test('a denial by something else than RBAC, and other errors, are unchanged', async () => {
  const {cluster} = clusterGranting(['get', 'list', 'create', 'patch', 'delete'])
  expect(await explained(cluster, denial)).toBe(denial)
  const other = new ApiError(500, undefined, 'broken')
  expect(await explained(clusterGranting([]).cluster, other)).toBe(other)
})

test('if the comparison may not read objects either, both are listed', async () => {
  const {cluster} = clusterGranting(['list', 'patch', 'delete'])
  const reads = new DeniedReadsError(rightsFor(['get'], ['services', 'secrets'], 'shop'))
  expect(((await explained(cluster, reads)) as MeshError).problems.map(({message}) => message)).toEqual([
    'east: you may not get and create services; get secrets; get deployments.apps in namespace shop',
  ])
})
