import {expect, test} from 'vitest'
import {buildShared, type SharedByVms} from '../../../../src/features/vm/shared/objects.ts'
import {expectGolden, textOfChanges} from '../../../support/golden.ts'

const nothing: SharedByVms = {
  cluster: 'east',
  systemNamespace: 'istio-system',
  revision: undefined,
  isTenant: false,
  clusterDomain: 'cluster.local',
  gateway: undefined,
  exposesIstiod: false,
  dnsCapture: undefined,
  recorded: {ownsNetworkLabel: false, capturesDns: []},
}
const gateway = {network: '', revision: undefined, labelsNetwork: false, exposesServices: false}

test.each<[string, Partial<SharedByVms>]>([
  ['exposure', {exposesIstiod: true}],
  ['gateway', {gateway, exposesIstiod: true, revision: 'r1', systemNamespace: 'mesh', clusterDomain: 'corp.example'}],
  [
    'gateway-of-network',
    {gateway: {network: 'net-east', revision: 'tag', labelsNetwork: true, exposesServices: true}, exposesIstiod: true},
  ],
])('%s', async (name, shared) => {
  await expectGolden(`vm/shared/${name}.yaml`, textOfChanges(buildShared({...nothing, ...shared})))
})

test('nothing, if nothing is missing', () => {
  expect(buildShared({...nothing, recorded: {ownsNetworkLabel: true, capturesDns: ['default']}})).toEqual([])
})

test('the record keeps what earlier runs have set', () => {
  const recorded = {ownsNetworkLabel: true, capturesDns: ['r1']}
  const dnsCapture = {
    action: 'edit',
    cluster: 'east',
    wave: 35,
    target: {apiVersion: 'v1', kind: 'ConfigMap', name: 'istio'},
    edits: [],
  } as const
  const [parent] = buildShared({...nothing, recorded, dnsCapture: {...dnsCapture, edits: []}})
  expect(parent).toMatchObject({object: {data: {'network-label': 'ours', 'dns-capture': 'default,r1'}}})
})
