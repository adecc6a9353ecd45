import {expect, test} from 'vitest'
import type {Cluster} from '../../../../src/engine/cluster/cluster.ts'
import {ApiError} from '../../../../src/engine/cluster/errors.ts'
import {checkRights} from '../../../../src/engine/cluster/rights/rights.ts'
import {covers, type GrantedRule} from '../../../../src/engine/cluster/rights/rules.ts'
import {rightsFor} from '../../../../src/engine/kubernetes/access-rules.ts'

const right = {verb: 'list', group: 'apps', resource: 'deployments'}

test('a rule covers a permission as RBAC evaluates it', () => {
  const all = {verbs: ['*'], apiGroups: ['*'], resources: ['*']}
  expect(covers([all], right)).toBe(true)
  expect(covers([{...all, verbs: ['get']}], right)).toBe(false)
  expect(covers([{...all, apiGroups: ['']}], right)).toBe(false)
  expect(covers([{...all, resourceNames: ['one']}], right)).toBe(false)
  expect(covers([{...all, resourceNames: ['one']}], {...right, name: 'one'})).toBe(true)
  expect(covers([{...all, resources: ['deployments']}], {...right, resource: 'deployments/scale'})).toBe(false)
  expect(covers([{...all, resources: ['*/scale']}], {...right, resource: 'deployments/scale'})).toBe(true)
  expect(covers([{verbs: null, apiGroups: null, resources: null}], right)).toBe(false)
})

/** A server with these rules for one namespace, and for all. It grants `get` by another authorizer. */
function serverWith(rules: {shop?: GrantedRule[]; everywhere?: GrantedRule[]} | 'refuses') {
  const reviews: string[] = []
  const create: Cluster['create'] = async (path, body) => {
    const {spec} = body as {spec: {namespace?: string; resourceAttributes?: {verb: string; resource: string}}}
    const status = (value: object) => ({apiVersion: '', kind: '', metadata: {name: ''}, status: value})
    if (path.endsWith('/selfsubjectrulesreviews')) {
      reviews.push('rules')
      if (rules === 'refuses') throw new ApiError(403, 'Forbidden', 'no')
      return status({
        resourceRules: [...(rules.everywhere ?? []), ...(spec.namespace === 'shop' ? (rules.shop ?? []) : [])],
      })
    }
    reviews.push(`${spec.resourceAttributes!.verb} ${spec.resourceAttributes!.resource}`)
    return status({allowed: spec.resourceAttributes!.verb === 'get'})
  }
  return {reviews, cluster: {create} as Cluster}
}

const inShop = rightsFor(['get', 'patch'], ['secrets', 'services'], 'shop')
const inCluster = rightsFor(['get', 'patch'], ['nodes', 'clusterroles.rbac.authorization.k8s.io'])

test('one rules review per place replaces the reviews of what the rules grant', async () => {
  const {cluster, reviews} = serverWith({everywhere: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}]})
  expect(await checkRights(cluster, [...inShop, ...inCluster])).toEqual([])
  expect(reviews).toEqual(['rules', 'rules'])
})

test('rules of one namespace do not grant anything cluster-wide, and other authorizers are asked', async () => {
  const {cluster, reviews} = serverWith({shop: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}]})
  expect(await checkRights(cluster, [...inShop, ...inCluster])).toEqual(inCluster.filter(({verb}) => verb === 'patch'))
  expect(reviews).toHaveLength(2 + inCluster.length)
})

test('a server that refuses rules reviews is asked for each permission', async () => {
  const {cluster} = serverWith('refuses')
  expect(await checkRights(cluster, inShop)).toEqual(inShop.filter(({verb}) => verb === 'patch'))
})

test('few permissions need no rules review', async () => {
  const {cluster, reviews} = serverWith({})
  expect(await checkRights(cluster, rightsFor(['get'], ['secrets'], 'shop'))).toEqual([])
  expect(reviews).toEqual(['get secrets'])
})
