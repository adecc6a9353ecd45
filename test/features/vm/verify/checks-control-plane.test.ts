import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import type {VmVerifySubject} from '../../../../src/features/vm/verify/subject.ts'
import {readRegistration} from '../spec-support.ts'
import {controlPlane, factsOf, membership} from '../support.ts'
import {findingsOf, ownEntry} from './support.ts'

const withFacts = (facts: Parameters<typeof factsOf>[0]) => ({
  facts: factsOf({exposed: true, entries: [ownEntry], ...facts}),
})
const withTls = (tls: object): Partial<VmVerifySubject> => ({
  gateway: {
    address: '203.0.113.1',
    tls: {reached: true, names: ['istiod.istio-system.svc'], trusted: false, error: undefined, ...tls},
  },
})

test.each<[string, Partial<VmVerifySubject>, RegExp]>([
  ['no registration', withFacts({entries: []}), /^error registered: no WorkloadGroup vm\/web and no WorkloadEntry/],
  ['no control plane', withFacts({controlPlane: undefined}), /^error control-plane: no istiod without a revision in/],
  [
    'a control plane that is not ready',
    withFacts({controlPlane: {...controlPlane, ready: 0}}),
    /^error control-plane: istiod is not ready$/,
  ],
  [
    'a namespace outside the discoverySelectors',
    withFacts({controlPlane: {...controlPlane, discoverySelectors: [{matchLabels: {a: 'b'}}]}}),
    /^error control-plane: istiod does not watch namespace vm/,
  ],
  [
    'a mesh config with a value of the wrong type',
    withFacts({controlPlane: {...controlPlane, invalid: ['trustDomain is not text']}}),
    /^error mesh-config: mesh config in ConfigMap istio-system\/istio: trustDomain is not text$/,
  ],
  ['no exposure', withFacts({exposed: false}), /^error istiod-exposed: .* port 15012/],
  ['no gateway address', {gateway: undefined}, /^error gateway-reachable: .* no external address$/],
  [
    'no connection',
    withTls({reached: false, error: 'connection refused'}),
    /^warning gateway-reachable: cannot connect to 203\.0\.113\.1:15012 from this machine: connection refused$/,
  ],
  [
    'a certificate for another host name',
    withTls({names: ['a.b']}),
    /^error istiod-certificate: the certificate at .* is for a\.b; expected istiod\.istio-system\.svc$/,
  ],
  [
    'a certificate of another root',
    withTls({error: 'self-signed certificate'}),
    /^error istiod-certificate: .* not signed by the root .*: self-signed certificate$/,
  ],
])('%s', (_, replaced, expected) => {
  const findings = findingsOf(replaced)
  expect(findings).toHaveLength(1)
  expect(findings[0]).toMatch(expected)
})

test('a requested gateway address needs no exposure by the east-west gateway', () => {
  const registration = readRegistration({gatewayAddress: '203.0.113.1'})
  expect(findingsOf({...withFacts({exposed: false}), registration})).toEqual([])
})

const configMap = (namespace: string, name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name, namespace},
  data,
})
const record = configMap('istio-system', 'kubectl-mesh-vm-vm-web', {vm: 'vm/web', settings: '{"serviceAccount":"web"}'})
const copy = {name: 'web', namespace: 'vm', serviceAccount: 'web'}

test.each<[string, KubernetesObject | undefined, object | undefined, string[]]>([
  ['a record and an equal copy', record, copy, []],
  ['a record without a copy', record, undefined, []],
  [
    'a copy that was changed',
    record,
    {...copy, serviceAccount: 'admin'},
    [
      'error record: ConfigMap vm/kubectl-mesh-vm-web was changed: serviceAccount is "admin"; registered is "web" in ConfigMap istio-system/kubectl-mesh-vm-vm-web',
    ],
  ],
  [
    'a copy without a record',
    undefined,
    copy,
    ['warning record: no registration of vm/web in namespace istio-system; the ConfigMap in vm is not trusted'],
  ],
])('%s', (_, parent, spec, expected) => {
  const facts = {
    ...withFacts({}).facts,
    membership: {...membership, parent},
    copy: spec && configMap('vm', 'kubectl-mesh-vm-web', {spec: JSON.stringify(spec)}),
  }
  expect(findingsOf({facts}).filter(text => text.includes(' record:'))).toEqual(expected)
})

test('reports objects with the label of the VM that its record does not list', () => {
  const forged = {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'forged', namespace: 'vm'}}
  expect(findingsOf(withFacts({membership: {...membership, unrecorded: [forged]}}))).toEqual([
    'warning members: secret/forged in namespace vm carries the label of vm/web, but kubectl mesh did not create it',
  ])
})
