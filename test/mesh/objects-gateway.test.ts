import {expect, test} from 'vitest'
import {buildEastWestGateway, type EastWestGateway, gatewayKinds} from '../../src/mesh/objects-gateway.ts'
import {frozen} from '../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../support/golden.ts'

const plain: EastWestGateway = {
  cluster: 'east',
  network: 'net-east',
  systemNamespace: 'istio-system',
  serviceType: 'LoadBalancer',
}

test.each<[string, Partial<EastWestGateway>]>([
  ['plain', {}],
  ['revision-namespace-nodeport', {revision: '1-30', systemNamespace: 'mesh', serviceType: 'NodePort'}],
  [
    'all-settings',
    {
      settings: {
        annotations: {'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internal'},
        loadBalancerClass: 'service.k8s.aws/nlb',
        sourceRanges: ['10.0.0.0/8'],
        externalIPs: ['192.0.2.1'],
        nodePorts: {15443: '32443'},
        nodeSelector: {pool: 'edge'},
        tolerations: ['dedicated=edge:NoSchedule'],
        replicas: '3',
        requests: {cpu: '500m'},
        limits: {memory: '2Gi'},
      },
    },
  ],
])('golden: %s', async (name, more) => {
  const input = frozen({...plain, ...more})
  const text = textOfChanges(buildEastWestGateway(input))
  expect(textOfChanges(buildEastWestGateway(input))).toBe(text)
  await expectGolden(`gateway/${name}.yaml`, text)
})

test('all objects of a gateway with another name have that name', () => {
  const text = textOfChanges(buildEastWestGateway({...plain, settings: {name: 'istio-crossnetwork'}}))
  expect(text).not.toContain('istio-eastwestgateway')
  expect(text).toContain('serviceAccountName: istio-crossnetwork-service-account')
  expect(text).toContain('app: istio-crossnetwork')
})

test('gatewayKinds lists all created kinds, each once', () => {
  const created = buildEastWestGateway(plain).map(({object: {apiVersion, kind}}) => ({apiVersion, kind}))
  expect(created).toEqual(gatewayKinds)
})

test('Service, Deployment and PodDisruptionBudget select the same pods', () => {
  const byKind = Object.fromEntries(
    buildEastWestGateway(plain).map(({object}) => [object.kind, object.spec]),
  ) as Record<string, {selector: Record<string, unknown>; template: {metadata: {labels: object}}}>
  const {labels} = byKind.Deployment!.template.metadata
  expect(labels).toMatchObject(byKind.Service!.selector)
  expect(labels).toMatchObject(byKind.Deployment!.selector.matchLabels as object)
  expect(labels).toMatchObject(byKind.PodDisruptionBudget!.selector.matchLabels as object)
  // The selector is immutable, so it must not depend on the revision: an upgrade would be rejected.
  expect(byKind.Deployment!.selector.matchLabels).not.toHaveProperty('istio.io/rev')
})
