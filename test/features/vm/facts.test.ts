import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {
  clusterNameOf,
  gatewayAddressesOf,
  hostObjectOf,
  isAccountInUse,
  missingControlPlane,
  workloadsOf,
} from '../../../src/features/vm/facts.ts'
import {controlPlane, factsOf, gateway, own, serviceEntry, workloadEntry, workloadGroup} from './support.ts'

const vm = {name: 'web', namespace: 'vm'}

test.each([
  ['the requested name', 'here', controlPlane, 'here'],
  ['the cluster ID of istiod', undefined, controlPlane, 'east'],
  ['the context, for the default cluster ID', undefined, {...controlPlane, cluster: 'Kubernetes'}, 'kind-east'],
  ['the context, without a control plane', undefined, undefined, 'kind-east'],
])('the name of the cluster is %s', (_, requested, plane, expected) => {
  expect(clusterNameOf(factsOf({controlPlane: plane}), requested)).toBe(expected)
})

test('the addresses are those of the first gateway that has any', () => {
  const pending = {...gateway, status: {}}
  expect(gatewayAddressesOf(factsOf({gateways: [pending, gateway]}))).toEqual(['203.0.113.1'])
  expect(gatewayAddressesOf(factsOf({gateways: [pending]}))).toEqual([])
})

test('a cluster host is defined by a Service, any other host by a ServiceEntry', () => {
  const service: KubernetesObject = {apiVersion: 'v1', kind: 'Service', metadata: {name: 'web', namespace: 'vm'}}
  const facts = factsOf({services: [service], serviceEntries: [serviceEntry({})]})
  expect(hostObjectOf(facts, 'web.vm.svc', 'cluster.local')).toBe(service)
  expect(hostObjectOf(facts, 'web.corp.test', 'cluster.local')?.metadata.name).toBe('x')
  expect(hostObjectOf(facts, 'web.vm.svc.corp.test', 'cluster.local')).toBeUndefined()
})

test('the entries of a VM are its own and those that its machines registered', () => {
  const created = workloadEntry({}, {namespace: 'vm', ...own})
  const registered = workloadEntry({}, {namespace: 'vm', annotations: {'istio.io/autoRegistrationGroup': 'web'}})
  const elsewhere = workloadEntry({}, {annotations: {'istio.io/autoRegistrationGroup': 'web'}})
  const group = workloadGroup('web')
  const facts = factsOf({groups: [workloadGroup('db'), group], entries: [created, registered, elsewhere]})
  expect(workloadsOf(facts, vm)).toEqual({group, entries: [created, registered]})
})

describe('isAccountInUse', () => {
  const account: KubernetesObject = {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: 'web', namespace: 'vm'}}
  const ownerReferences = [{apiVersion: '', kind: 'WorkloadGroup', name: 'web', uid: ''}]
  const spec = {serviceAccount: 'web'}
  test.each<[string, Parameters<typeof factsOf>[0], boolean]>([
    ['no workloads', {}, false],
    ['another group', {groups: [workloadGroup('db', spec)]}, true],
    ['another entry', {entries: [workloadEntry(spec, {namespace: 'vm'})]}, true],
    ['an entry in another namespace', {entries: [workloadEntry(spec)]}, false],
    ['an entry of this VM', {entries: [workloadEntry(spec, {namespace: 'vm', ...own})]}, false],
    ['an entry of the group of this VM', {entries: [workloadEntry(spec, {namespace: 'vm', ownerReferences})]}, false],
    ['a workload with another account', {groups: [workloadGroup('db', {serviceAccount: 'db'})]}, false],
  ])('%s: %s', (_, facts, expected) => expect(isAccountInUse(account, factsOf(facts), vm)).toBe(expected))

  test('is false for other kinds', () => {
    expect(isAccountInUse(serviceEntry({}), factsOf({groups: [workloadGroup('db', spec)]}), vm)).toBe(false)
  })
})

test('a missing control plane is reported with the existing revisions', () => {
  const where = {systemNamespace: 'mesh', revision: 'r1'}
  expect(missingControlPlane(factsOf({revisions: ['default', 'r2']}), where)).toEqual({
    message: 'no istiod of revision r1 in namespace mesh',
    hints: ['revisions in this namespace: default, r2 (--revision)'],
  })
  expect(missingControlPlane(factsOf({revisions: []}), {...where, revision: undefined})).toEqual({
    message: 'no istiod without a revision in namespace mesh',
    hints: ['--system-namespace NS'],
  })
})
