import {expect, test} from 'vitest'
import {verifyChecks} from '../../../../src/features/federate/verify/checks.ts'
import type {ObservedService} from '../../../../src/features/federate/verify/read.ts'
import {foundBy, helloService, observed} from './samples.ts'

const lonely: ObservedService = {namespace: 'sample', name: 'lonely', ports: []}

test('missing Services are reported by namespace', () => {
  const west = observed('west', {services: [helloService, lonely, {...lonely, name: 'alone'}]})
  expect(foundBy(verifyChecks, [observed('east'), west])).toEqual([
    'east services warning: namespace sample: alone, lonely exist in west but not here; pods here cannot resolve their names',
  ])
})

test('a missing namespace', () => {
  const east = observed('east', {namespaces: new Set(['istio-system']), meshNamespaces: new Set(), services: []})
  expect(foundBy(verifyChecks, [east, observed('west')])).toEqual([
    'east services warning: namespace sample: helloworld exists in west but not here (the namespace is missing too); pods here cannot resolve its name',
  ])
})

test('other ports are reported for both clusters', () => {
  const west = observed('west', {services: [{...helloService, ports: ['http:80/TCP']}]})
  expect(foundBy(verifyChecks, [observed('east'), west])).toEqual([
    'east services warning: namespace sample: ports differ: helloworld has http:5000/TCP here and http:80/TCP in west',
    'west services warning: namespace sample: ports differ: helloworld has http:80/TCP here and http:5000/TCP in east',
  ])
})

test('a Service without ports', () => {
  const west = observed('west', {services: [{...helloService, ports: []}]})
  expect(foundBy(verifyChecks, [observed('east'), west])[0]).toContain('http:5000/TCP here and no ports in west')
})

test('namespaces outside the mesh and the system namespace are not compared', () => {
  const west = observed('west', {
    services: [helloService, {...lonely, namespace: 'outside'}, {...lonely, namespace: 'istio-system'}],
    meshNamespaces: new Set(['sample', 'istio-system']),
  })
  expect(foundBy(verifyChecks, [observed('east'), west])).toEqual([])
})
