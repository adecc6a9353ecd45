import {expect, test} from 'vitest'
import {gatewayChecks} from '../../../../src/features/federate/preflight/checks-gateways.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import type {GatewaysByContext} from '../../../../src/mesh/gateways/spec.ts'
import {buildExposure} from '../../../../src/mesh/objects-exposure.ts'
import {gatewayService} from '../../../mesh/samples.ts'
import {subject} from './samples.ts'

const inSystem = gatewayService('net-west')
const elsewhere = {...inSystem, metadata: {...inSystem.metadata, name: 'gw', namespace: 'team-a'}}

test('a gateway outside the system namespace is reported', () => {
  const findings = runChecks(gatewayChecks, subject({west: {networkGateways: [inSystem, elsewhere]}}))
  expect(findings).toEqual([
    {
      cluster: 'west',
      check: 'gateway-namespace',
      level: 'warning',
      message: expect.stringContaining(
        'Service gw in namespace team-a is labelled as a gateway of network net-west, but is not used',
      ),
      hints: [
        'to use it: kubectl mesh federate with --gateway west=existing=team-a/gw',
        expect.stringMatching(/^if .*: kubectl --context west -n team-a label service gw topology\S+-$/),
      ],
    },
  ])
})

test('a named gateway outside the system namespace is fine, and must exist', () => {
  const found = (...namedGateways: string[]) => {
    const checked = subject({west: {networkGateways: [elsewhere]}})
    const all = checked.all.map(member => (member.cluster === 'west' ? {...member, namedGateways} : member))
    return runChecks(gatewayChecks, {...checked, all}).map(({check, level, message}) => `${level} ${check} ${message}`)
  }
  expect(found('team-a/gw')).toEqual([])
  expect(found('team-a/gw', 'team-a/other')).toEqual([
    expect.stringMatching(/^error gateway-named team-a\/other is no gateway of network net-west/),
  ])
})

test('a gateway of the Gateway API with the name of our gateway is a problem, unless our gateway has another name', () => {
  const labels = {...inSystem.metadata.labels, 'gateway.networking.k8s.io/gateway-name': inSystem.metadata.name}
  const ambient = {...inSystem, metadata: {...inSystem.metadata, labels}}
  const found = (name?: string) => {
    const checked = subject({west: {networkGateways: [ambient]}})
    const gateway: GatewaysByContext = name === undefined ? {} : {west: {name}}
    return runChecks(gatewayChecks, {...checked, spec: {...checked.spec, gateway}}).map(({check}) => check)
  }
  expect(found()).toEqual(['gateway-name'])
  expect(found('istio-crossnetwork')).toEqual([])
})

test("a gateway of Helm's chart without the network label is named, with the value to set", () => {
  const helm = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'istio-eastwestgateway',
      namespace: 'istio-system',
      labels: {'app.kubernetes.io/managed-by': 'Helm'},
      annotations: {'meta.helm.sh/release-name': 'ew', 'meta.helm.sh/release-namespace': 'istio-system'},
    },
  }
  const found = (gateway: GatewaysByContext = {}) => {
    const checked = subject({west: {otherDeployments: [helm]}})
    return runChecks(gatewayChecks, {...checked, spec: {...checked.spec, gateway}})
  }
  expect(found()).toEqual([
    {
      ...{cluster: 'west', check: 'gateway-label', level: 'error'},
      message: expect.stringMatching(
        /gateway istio-system\/istio-eastwestgateway, whose Service has no label topology\.istio\.io\/network=net-west$/,
      ),
      hints: [
        'helm upgrade ew istio/gateway --kube-context west -n istio-system --version VERSION --reuse-values --set networkGateway=net-west',
        'to create another gateway beside it: --gateway west=name=istio-crossnetworkgateway',
      ],
    },
  ])
  expect(found({west: {name: 'other'}})).toEqual([])
})

test("another owner's Deployment with the name of our gateway is named before its immutable selector would stop the run", () => {
  const foreign = (matchLabels: Record<string, string>) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...{name: 'istio-eastwestgateway', namespace: 'istio-system', uid: 'u'},
      managedFields: [{manager: 'terraform', operation: 'Apply' as const}],
    },
    spec: {selector: {matchLabels}},
  })
  const other = foreign({app: 'other'})
  const found = (west: object, gateway: GatewaysByContext = {}) => {
    const checked = subject({west})
    return runChecks(gatewayChecks, {...checked, spec: {...checked.spec, gateway}})
  }
  expect(found({otherDeployments: [other]})).toEqual([
    {
      ...{cluster: 'west', check: 'gateway-selector', level: 'error'},
      message:
        'Deployment istio-system/istio-eastwestgateway already exists, created by terraform, and its pod selector differs from that of the east-west gateway',
      hints: [
        'to create the gateway beside it: --gateway west=name=istio-crossnetworkgateway',
        'if it is an east-west gateway, label its Service topology.istio.io/network=net-west, and add --gateway west=existing=istio-system/istio-eastwestgateway',
      ],
    },
  ])
  expect(found({otherDeployments: [other]}, {west: {name: 'other'}})).toEqual([])
  expect(found({otherDeployments: [other], created: [other]})).toEqual([])
  expect(found({otherDeployments: [foreign({app: 'istio-eastwestgateway', istio: 'eastwestgateway'})]})).toEqual([])
})

test('gateways in the system namespace, and those of another network, are not reported', () => {
  const other = {
    ...gatewayService('another'),
    metadata: {...elsewhere.metadata, labels: {'topology.istio.io/network': 'x'}},
  }
  expect(runChecks(gatewayChecks, subject({west: {networkGateways: [inSystem, other]}}))).toEqual([])
})

test.each<[string[], string | undefined, string]>([
  [['trade/*', '*.global'], 'trade/*', '*.trade.svc.cluster.local instead'],
  [['trade/*', 'trade/*.global'], 'trade/*, trade/*.global', '*.trade.svc.cluster.local instead'],
  [['trade/*.global'], 'trade/*.global', 'the hosts of --expose'],
  [['*.trade.svc.cluster.local'], undefined, ''],
])('a Gateway with the hosts %j', (hosts, ignored, written) => {
  const [{object}] = buildExposure({
    cluster: 'west',
    systemNamespace: 'istio-system',
    clusterDomain: 'cluster.local',
    hosts: [],
  }) as [ReturnType<typeof buildExposure>[number]]
  const server = {...(object.spec as {servers: object[]}).servers[0], hosts}
  const exposure = {...object, spec: {...(object.spec as object), servers: [server]}}
  const expected = ignored && {
    cluster: 'west',
    check: 'exposed-namespaces',
    level: 'warning',
    message: `Gateway istio-system/cross-network-gateway has the hosts ${ignored}: istiod ignores their namespaces, so the other clusters reach Services of all namespaces`,
    hints: [
      `kubectl mesh federate writes ${written}; other Services that the other clusters use must be added to --expose`,
    ],
  }
  expect(runChecks(gatewayChecks, subject({west: {exposure}}))).toEqual(expected ? [expected] : [])
})
