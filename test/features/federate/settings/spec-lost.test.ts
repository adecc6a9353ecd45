import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {lostRoleProblem, lostSettings} from '../../../../src/features/federate/settings/spec-lost.ts'
import {gatewayService, member} from '../../../mesh/samples.ts'

const managedFields = [{manager: 'kubectl-mesh', operation: 'Apply'}] as KubernetesObject['metadata']['managedFields']

const object = (kind: string, name: string, more: Partial<KubernetesObject> = {}, namespace = 'istio-system') => ({
  apiVersion: 'v1',
  kind,
  ...more,
  metadata: {name, namespace, uid: `uid-${kind}-${name}`, managedFields, ...more.metadata},
})
const spec = {type: 'NodePort', ports: [{port: 15443}], externalIPs: ['198.51.100.1']}
const gateway = gatewayService('net-east', {spec})
const service = {...gateway, kind: 'Service', metadata: {...gateway.metadata, managedFields}}
const exposure = object('Gateway', 'cross-network-gateway', {spec: {servers: [{hosts: ['*.a.svc.cluster.local']}]}})
const account = object('ServiceAccount', 'istio-reader-service-account')

describe('the settings that objects without a record show', () => {
  const settingsOf = (unrecorded: KubernetesObject[], more = {}) => {
    const east = member('east', {unrecorded, exposure, ...more})
    return lostSettings(east, [east, member('west')], 'kubectl-mesh')
  }
  test('gateway and exposure; without an account, only services are shared', () => {
    const shown = {
      expose: ['*.a.svc.cluster.local'],
      gatewayServiceType: 'NodePort',
      gateway: {east: {externalIPs: ['198.51.100.1']}},
    }
    expect(settingsOf([service, exposure, account])).toEqual(shown)
    expect(settingsOf([service, exposure])).toEqual({...shown, mode: 'gateways'})
  })
  test('no gateway and no network: a single network', () => {
    const namespace = object('Namespace', 'istio-system')
    expect(settingsOf([account], {namespace, exposure: undefined})).toEqual({singleNetwork: true})
  })
  test('what is left of a removal shows nothing: objects that are being deleted, and those that are no credentials', () => {
    const namespace = object('Namespace', 'istio-system')
    const deleted = {...account, metadata: {...account.metadata, deletionTimestamp: '2026-11-29T12:00:00Z'}}
    expect(settingsOf([deleted], {namespace, exposure: undefined})).toBeUndefined()
    expect(settingsOf([object('Role', 'a')], {namespace, exposure: undefined})).toEqual({})
    const copied = {...account, metadata: {...account.metadata, managedFields: []}}
    expect(settingsOf([copied], {namespace, exposure: undefined})).toBeUndefined()
  })
  test('objects of other namespaces, and those of a cluster with a record, show nothing', () => {
    expect(settingsOf([{...exposure, metadata: {...exposure.metadata, namespace: 'team'}}])).toBeUndefined()
    expect(settingsOf([service, exposure], {record: object('ConfigMap', 'r')})).toBeUndefined()
    expect(lostSettings({...member('east'), facts: undefined}, [], 'kubectl-mesh')).toBeUndefined()
  })
})

test('a role in primary-remote mode is a problem', () => {
  const primary = member('east', {unrecorded: [object('VirtualService', 'istiod-vs')]})
  expect(lostRoleProblem(primary, 'kubectl-mesh')!.message).toMatch(/^east: the record .* those of a primary$/)
  const annotations = {'topology.istio.io/controlPlaneClusters': 'east'}
  const namespace = {...object('Namespace', 'istio-system'), metadata: {name: 'istio-system', annotations}}
  expect(lostRoleProblem(member('west', {unrecorded: [account], namespace}), 'kubectl-mesh')!.message).toMatch(
    /remote of east$/,
  )
  expect(lostRoleProblem(member('west', {unrecorded: [account]}), 'kubectl-mesh')).toBeUndefined()
  expect(lostRoleProblem(member('west', {namespace}), 'kubectl-mesh')).toBeUndefined()
})
