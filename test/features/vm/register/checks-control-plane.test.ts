import {expect, test} from 'vitest'
import {controlPlaneChecks} from '../../../../src/features/vm/register/checks-control-plane.ts'
import type {SharingFacts} from '../../../../src/features/vm/shared/plan.ts'
import {readRegistration} from '../spec-support.ts'
import {controlPlane, gateway, sharingFactsOf} from '../support.ts'
import {findingsOf} from './support.ts'

test.each<[string, object, Partial<SharingFacts>, string[]]>([
  ['no Istio', {}, {hasIstioCrds: false}, ['error istio-crds']],
  ['no control plane', {}, {controlPlane: undefined}, ['error control-plane']],
  ['a control plane that is not ready', {}, {controlPlane: {...controlPlane, ready: 0}}, ['warning control-plane']],
  [
    'a mesh config with a wrong type',
    {},
    {controlPlane: {...controlPlane, invalid: ['x is a list']}},
    ['error mesh-config'],
  ],
  ['no root certificate in the system namespace', {}, {root: undefined}, ['error root-certificate']],
  [
    'a namespace outside the discoverySelectors',
    {},
    {controlPlane: {...controlPlane, discoverySelectors: [{matchLabels: {a: 'b'}}]}},
    ['error discovered'],
  ],
  [
    'disabled auto-registration',
    {},
    {controlPlane: {...controlPlane, autoRegistration: false}},
    ['error auto-registration'],
  ],
  [
    'disabled auto-registration that is not needed',
    {addresses: '10.0.0.1'},
    {controlPlane: {...controlPlane, autoRegistration: false}},
    [],
  ],
  [
    'disabled health checks',
    {probe: 'tcp:80'},
    {controlPlane: {...controlPlane, healthChecks: false}},
    ['warning auto-registration'],
  ],
  ['a cluster name other than the cluster ID', {clusterName: 'west'}, {}, ['error cluster-name']],
  ['no gateway', {}, {gateways: []}, ['error gateway']],
  ['no gateway, but a gateway address', {gatewayAddress: '10.0.0.9'}, {gateways: []}, []],
  ['no gateway, which --gateway creates', {gateway: true}, {gateways: []}, []],
  [
    'a gateway of another owner without an address, with --gateway',
    {gateway: true},
    {gateways: [{...gateway, status: {}}]},
    ['error gateway'],
  ],
  [
    'no gateway, but a Service of another owner with its name',
    {gateway: true},
    {gateways: [], shared: {...sharingFactsOf().shared, gatewayObjects: [gateway]}},
    ['error gateway'],
  ],
  ['a gateway without an address', {}, {gateways: [{...gateway, status: {}}]}, ['error gateway']],
])('%s', (_, raw, facts, expected) => expect(findingsOf(raw, facts)).toEqual(expected))

test('an address of a node is no address of istiod: nodes do not serve port 15012', () => {
  const nodePort = {...gateway, spec: {type: 'NodePort'}, status: {}}
  const subject = {spec: readRegistration({}), facts: sharingFactsOf({gateways: [nodePort]}), denied: []}
  const [found] = controlPlaneChecks.flatMap(check => check.run(subject))
  expect(found?.message).toMatch(/of type NodePort has no external address: VMs connect to istiod at port 15012/)
  expect(found?.hints).toEqual([expect.stringContaining('forward port 15012'), expect.stringContaining('LoadBalancer')])
})
