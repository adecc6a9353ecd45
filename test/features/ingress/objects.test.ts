import fc from 'fast-check'
import {expect, test} from 'vitest'
import {targetOf} from '../../../src/engine/kubernetes/change.ts'
import {
  buildIngress,
  type IngressGateway,
  ingressApplySet,
  ingressKinds,
} from '../../../src/features/ingress/objects.ts'
import {frozen} from '../../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../../support/golden.ts'

const plain: IngressGateway = {
  cluster: 'east',
  name: 'istio-ingressgateway',
  namespace: 'istio-ingress',
  kind: 'deployment',
  hostPorts: [],
  nodeSelector: {},
  serviceType: undefined,
  revision: undefined,
  systemNamespace: 'istio-system',
  record: {settings: '{}'},
}
const hostPorts = [
  {host: 80, container: 8080},
  {host: 443, container: 8443},
]

test.each<[string, Partial<IngressGateway>]>([
  ['deployment', {}],
  ['daemonset', {kind: 'daemonset', hostPorts, nodeSelector: {front_end: 'true'}, revision: '1-30', name: 'edge'}],
  ['low-ports', {hostPorts: [{host: 443, container: 443}], serviceType: 'NodePort'}],
])('golden: %s', async (name, more) => {
  const input = frozen({...plain, ...more})
  await expectGolden(`ingress/${name}.yaml`, textOfChanges(buildIngress(input)))
})

interface Workload {
  selector: {matchLabels: Record<string, string>}
  strategy?: unknown
  template: {
    metadata: {labels: Record<string, string>}
    spec: {
      hostNetwork?: boolean
      securityContext?: {sysctls: {name: string; value: string}[]}
      containers: {ports: {containerPort: number; hostPort?: number}[]; securityContext: object}[]
    }
  }
}

test('for any ports, the Service targets the pod, and the pod has no privileges', () => {
  const port = fc.integer({min: 1, max: 14_999})
  const ports = fc
    .uniqueArray(port, {minLength: 2, maxLength: 8})
    .map(all => all.slice(1).map((host, at) => ({host, container: all[at]!})))
  fc.assert(
    fc.property(ports, fc.constantFrom('deployment' as const, 'daemonset' as const), (chosen, kind) => {
      const changes = buildIngress({...plain, hostPorts: chosen, kind})
      const objects = changes.flatMap(change => (change.action === 'apply' ? [change.object] : []))
      const spec = objects.find(object => /Deployment|DaemonSet/.test(object.kind))!.spec as Workload
      const service = objects.find(object => object.kind === 'Service')!.spec as {
        selector: object
        ports: {name: string; port: number; targetPort: number}[]
      }
      const [container] = spec.template.spec.containers
      for (const {host, container: target} of chosen) {
        expect(service.ports).toContainEqual(expect.objectContaining({port: host, targetPort: target}))
        expect(container!.ports).toContainEqual({containerPort: target, hostPort: host, protocol: 'TCP'})
      }
      expect(new Set(service.ports.map(({name}) => name)).size).toBe(service.ports.length)
      expect(spec.template.metadata.labels).toMatchObject(service.selector)
      expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels)
      expect(spec.template.spec.hostNetwork).toBeUndefined()
      expect(container!.securityContext).toMatchObject({privileged: false, allowPrivilegeEscalation: false})
      const isLow = chosen.some(one => one.container < 1024)
      expect((spec.template.spec.securityContext as {sysctls?: object}).sysctls !== undefined).toBe(isLow)
      expect(spec.strategy !== undefined).toBe(kind === 'deployment')
      const kinds = ingressKinds.map(({kind: name}) => name)
      for (const change of changes.slice(2)) expect(kinds).toContain(targetOf(change).kind)
    }),
  )
})

test('the record is in the system namespace, and gateways with similar names have different records', () => {
  const systemNamespace = 'istio-system'
  const [a, b] = [
    ingressApplySet({namespace: 'a', name: 'b-c', systemNamespace}),
    ingressApplySet({namespace: 'a-b', name: 'c', systemNamespace}),
  ]
  expect(a).toMatchObject({
    name: 'kubectl-mesh-ingress-a.b-c',
    namespace: systemNamespace,
    former: {name: 'kubectl-mesh-ingress-b-c', namespace: 'a'},
  })
  expect(b.name).toBe('kubectl-mesh-ingress-a-b.c')
})
