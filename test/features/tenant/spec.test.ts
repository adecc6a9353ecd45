import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {MeshError} from '../../../src/errors.ts'
import {tenantRemoveFields, tenantRemoveProblems} from '../../../src/features/tenant/remove/spec.ts'
import {namesOf, tenantFields, tenantProblems} from '../../../src/features/tenant/spec.ts'
import {tenantAssignFields, tenantAssignProblems} from '../../../src/features/tenant/spec-assign.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {dnsLabel} from '../../../src/spec/texts.ts'

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,54}[a-z0-9])?$/).filter(text => text !== 'default')

test('whatever the name, all others follow from it and are right', () => {
  fc.assert(
    fc.property(name, text => {
      const names = namesOf(readSpec(tenantFields, {name: text}, tenantProblems))
      expect(names).toEqual({
        name: text,
        systemNamespace: text,
        revision: text,
        selector: {key: 'usergroup', value: text},
      })
      expect(dnsLabel(`istiod-${names.revision}`)).toBeUndefined()
    }),
  )
})

test('what is said goes before what follows', () => {
  const raw = {name: 'a', systemNamespace: 'b', revision: 'c', selectorLabel: 'example.com/team=d'}
  expect(namesOf(readSpec(tenantFields, raw, tenantProblems))).toEqual({
    name: 'a',
    systemNamespace: 'b',
    revision: 'c',
    selector: {key: 'example.com/team', value: 'd'},
  })
})

test('a value of --set may hold commas and =', () => {
  const {set} = readSpec(tenantFields, {name: 'a', set: ['values.a=b,c=d', 'x=y']}, tenantProblems)
  expect(set).toEqual(['values.a=b,c=d', 'x=y'])
})

describe('is refused', () => {
  test.each<[Record<string, unknown>, RegExp]>([
    [{}, /NAME is missing/],
    [{name: 'UPPER'}, /tenant's name UPPER is not a DNS label/],
    [{name: 'default'}, /stands for having none/],
    [{name: 'a', revision: 'default'}, /--revision default can't be/],
    [{name: 'a'.repeat(57)}, /57 characters.*at most 56/],
    [{name: 'a', namespaces: 'x,a'}, /--namespaces names a, which is the system namespace/],
    [{name: 'a', namespaces: 'kube-system'}, /kube-system belongs to Kubernetes/],
    [{name: 'a', selectorLabel: 'x'}, /--selector-label x is not a label/],
    [{name: 'a', selectorLabel: 'x='}, /is not a label/],
    [{name: 'a', selectorLabel: 'istio.io/rev=a'}, /means injection/],
    [{name: 'a', set: ['x']}, /--set x is not PATH=VALUE/],
    [{name: 'a', via: 'none', isDefault: true}, /--default makes webhooks/],
    [{name: 'a', via: 'none', set: ['a=b']}, /leaves it out/],
    [{name: 'a', via: 'helm', istioctl: 'x'}, /--istioctl has no use/],
    [{name: 'a', chartVersion: '1.31.0'}, /--chart-version has no use/],
    [{name: 'a', via: 'helm', chart: '--post-renderer'}, /is not a chart/],
    [{name: 'a', profile: '../x'}, /--profile/],
    [{name: 'a', via: 'other'}, /is not one of istioctl, helm, sail, none/],
  ])('%j', (raw, message) => {
    const read = () => readSpec(tenantFields, raw as never, tenantProblems)
    expect(read).toThrow(MeshError)
    expect(read).toThrow(message)
  })

  test('an assignment of nothing, a removal of nobody', () => {
    expect(() => readSpec(tenantAssignFields, {name: 'a'}, tenantAssignProblems)).toThrow('at least one namespace')
    expect(() => readSpec(tenantRemoveFields, {}, tenantRemoveProblems)).toThrow('NAME is missing')
  })
})
