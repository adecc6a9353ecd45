import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import type {VmVerifySubject} from '../../../../src/features/vm/verify/subject.ts'
import {buildExposure} from '../../../../src/mesh/objects-exposure.ts'
import {readRegistration} from '../spec-support.ts'
import {controlPlane, factsOf, gateway, workloadEntry, workloadGroup} from '../support.ts'
import {findingsOf, ownEntry} from './support.ts'

const registered = {'istio.io/autoRegistrationGroup': 'web'}
const entryOf = (spec: object, annotations = ownEntry.metadata.annotations): KubernetesObject => ({
  ...ownEntry,
  metadata: {...ownEntry.metadata, annotations: annotations!},
  spec: {...ownEntry.spec!, ...spec},
})
const withFacts = (facts: Parameters<typeof factsOf>[0]) => ({facts: factsOf({exposed: true, ...facts})})
const disconnected = withFacts({
  entries: [entryOf({}, {...registered, 'istio.io/disconnectedAt': '2026-01-01T00:00:00Z'})],
})
const unknown = withFacts({entries: [entryOf({}, registered)]})
const networkGateway = {
  ...gateway,
  metadata: {...gateway.metadata, labels: {'topology.istio.io/network': 'net-east'}},
  spec: {selector: {istio: 'eastwestgateway'}},
}
const far = entryOf({network: 'far'})
const [{object: listener}] = buildExposure({
  cluster: 'east',
  systemNamespace: 'istio-system',
  clusterDomain: 'cluster.local',
  hosts: [],
}) as [ReturnType<typeof buildExposure>[number]]
const passthrough = [listener]
const noListener =
  /^error network: no Gateway with TLS mode AUTO_PASSTHROUGH selects the pods of Service istio-system\/istio-eastwestgateway,/

test.each<[string, Partial<VmVerifySubject>, RegExp | undefined]>([
  ['a valid token', disconnected, undefined],
  ['no bundle', {...disconnected, tokenExpires: undefined}, /^warning token: no bundle in web-vm/],
  [
    'an expired token',
    {...disconnected, tokenExpires: new Date('2026-01-01T23:00:00Z')},
    /^error token: the token in web-vm expired 1h ago, and the VM is not connected$/,
  ],
  [
    'an expired token of a VM whose connection is unknown',
    {...unknown, tokenExpires: new Date('2026-01-01T23:00:00Z')},
    /^warning token: the token in web-vm expired 1h ago, and it is unknown whether the VM is connected$/,
  ],
  [
    'a token that expires soon',
    {...disconnected, tokenExpires: new Date('2026-01-02T00:05:00Z')},
    /^warning token: the token in web-vm expires in 5m/,
  ],
  ['an expired token of a connected VM', {tokenExpires: new Date('2026-01-01T23:00:00Z')}, undefined],
])('%s', (_, replaced, expected) => {
  const findings = findingsOf(replaced).filter(finding => finding.includes(' token: '))
  expect(findings).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)])
})

test.each<[string, Partial<VmVerifySubject>, RegExp | undefined]>([
  [
    'a group without entries',
    withFacts({groups: [workloadGroup('web')]}),
    /^warning connected: no machine has registered itself yet$/,
  ],
  ['a disconnected machine', disconnected, /^error connected: web-10-0-0-5 \(10\.0\.0\.5\) is not connected$/],
  [
    'a machine whose connection istiod does not record',
    unknown,
    /^warning connected: it is unknown whether web-10-0-0-5 \(10\.0\.0\.5\) is connected: istiod records that only for machines/,
  ],
  [
    'a connected machine without a result of its probe',
    {registration: readRegistration({probe: 'tcp:80'})},
    /^warning connected: it is unknown whether web-10-0-0-5 \(10\.0\.0\.5\) is healthy: istiod has no result/,
  ],
  [
    'a failing probe',
    withFacts({entries: [{...ownEntry, status: {conditions: [{type: 'Healthy', status: 'False'}]}}]}),
    /^error connected: web-10-0-0-5 \(10\.0\.0\.5\) fails its readiness probe$/,
  ],
  ['the network of the pods', withFacts({entries: [entryOf({network: 'net-east'})]}), undefined],
  [
    'a network, but none of the cluster',
    withFacts({entries: [far], controlPlane: {...controlPlane, network: undefined}}),
    /^warning network: the VM is in network far, but the cluster has no network/,
  ],
  ['another network without a gateway', withFacts({entries: [far]}), /^error network: .* leads into net-east$/],
  [
    'another network with a gateway that nodes serve',
    withFacts({
      entries: [far],
      passthrough,
      networkGateways: [
        {
          ...{...networkGateway, spec: {...networkGateway.spec, type: 'NodePort', ports: [{port: 15443}]}, status: {}},
          metadata: {...networkGateway.metadata, annotations: {'traffic.istio.io/nodeSelector': '{}'}},
        },
      ],
    }),
    undefined,
  ],
  [
    'another network with a gateway',
    withFacts({entries: [far], networkGateways: [networkGateway], passthrough}),
    undefined,
  ],
  ['a gateway without a listener', withFacts({entries: [far], networkGateways: [networkGateway]}), noListener],
  [
    'a gateway whose listener belongs to another gateway',
    withFacts({
      entries: [far],
      networkGateways: [networkGateway],
      passthrough: [{...listener, spec: {...(listener.spec as object), selector: {istio: 'other'}}}],
    }),
    noListener,
  ],
  [
    'a gateway whose listener another revision reads',
    withFacts({
      entries: [far],
      networkGateways: [networkGateway],
      passthrough: [{...listener, metadata: {...listener.metadata, labels: {'istio.io/rev': '1-30'}}}],
    }),
    noListener,
  ],
  [
    'an address of two entries',
    withFacts({entries: [ownEntry, workloadEntry({address: '10.0.0.5'})]}),
    /^error address-unique: address 10\.0\.0\.5 is also registered as WorkloadEntry else\/other$/,
  ],
  [
    'an address of two entries in different networks',
    withFacts({entries: [ownEntry, workloadEntry({address: '10.0.0.5', network: 'far'})]}),
    undefined,
  ],
])('%s', (_, replaced, expected) => {
  const findings = findingsOf(replaced)
  expect(findings).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)])
})
