import {expect, test} from 'vitest'
import {MeshError} from '../../../src/errors.ts'
import {tenantFields, validateTenant} from '../../../src/features/tenant/spec.ts'
import {flagsFor, readSpec} from '../../../src/spec/read.ts'

test('a value of --set can contain commas and =', () => {
  const {set} = readSpec(tenantFields, {name: 'a', set: ['values.a=b,c=d', 'x=y']}, validateTenant)
  expect(set).toEqual(['values.a=b,c=d', 'x=y'])
})

test('the repeated command line starts with the name', () => {
  const spec = readSpec(tenantFields, {namespaces: ['b', 'c'], name: 'a'}, validateTenant)
  expect(flagsFor(tenantFields, spec)).toEqual(['a', '--namespaces', 'b,c'])
})

test.each<[Record<string, unknown>, RegExp]>([
  [{}, /NAME is missing/],
  [{name: 'UPPER'}, /NAME UPPER is not a DNS label/],
  [{name: 'default'}, /NAME default is reserved/],
  [{name: 'a', revision: 'default'}, /--revision default is reserved/],
  [{name: 'a'.repeat(57)}, /57 characters.*at most 56/],
  [{name: 'a', namespaces: 'x,a'}, /--namespaces contains a, which is the system namespace/],
  [{name: 'a', namespaces: 'kube-system'}, /kube-system is reserved for Kubernetes/],
  [{name: 'a', selectorLabel: 'x'}, /--selector-label x is not a label/],
  [{name: 'a', selectorLabel: 'x='}, /is not a label/],
  [{name: 'a', selectorLabel: 'istio.io/rev=a'}, /Kubernetes or Istio gives its own meaning/],
  [{name: 'a', selectorLabel: 'kubernetes.io/metadata.name=x'}, /Kubernetes or Istio gives its own meaning/],
  [{name: 'a', set: ['x']}, /--set x is not PATH=VALUE/],
  [{name: 'a', via: 'none', isDefault: true}, /--default has an effect only with --via istioctl/],
  [{name: 'a', via: 'none', set: ['a=b']}, /--set has an effect only with --via istioctl/],
  [{name: 'a', via: 'none', values: ['f']}, /--values has an effect only with --via istioctl/],
  [{name: 'a', via: 'helm', istioctl: 'x'}, /--istioctl has an effect only with --via istioctl/],
  [{name: 'a', chartVersion: '1.31.0'}, /--chart-version has an effect only with --via helm/],
  [{name: 'a', via: 'helm', chart: '--post-renderer'}, /is not a chart/],
  [{name: 'a', profile: '../x'}, /--profile/],
  [{name: 'a', via: 'other'}, /is not one of istioctl, helm, sail, none/],
])('rejects %j', (raw, message) => {
  const read = () => readSpec(tenantFields, raw as never, validateTenant)
  expect(read).toThrow(MeshError)
  expect(read).toThrow(message)
})
