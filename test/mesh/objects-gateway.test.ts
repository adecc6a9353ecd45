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
])('golden: %s', async (name, more) => {
  const input = frozen({...plain, ...more})
  const text = textOfChanges(buildEastWestGateway(input))
  expect(textOfChanges(buildEastWestGateway(input))).toBe(text)
  await expectGolden(`gateway/${name}.yaml`, text)
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
