import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {type ImportSubject, importChecks} from '../../../src/features/service/checks-imports.ts'
import {runChecks} from '../../../src/findings/check.ts'
import {exporter, hello, west} from './samples.ts'

const imported = {...hello, exporters: {east: exporter}, addresses: ['240.241.0.1']}

function entry(name: string, namespace: string, spec: object): KubernetesObject {
  return {apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry', metadata: {name, namespace}, spec}
}

function findingsOf(more: Partial<ImportSubject['importing'][number]>): string[] {
  const subject = {importing: [{...west, ...more}], after: [[imported]], systemNamespace: 'istio-system'}
  return runChecks(importChecks, subject).map(
    ({level, check, cluster, message}) => `${level} ${check} ${cluster}: ${message}`,
  )
}

test('no findings without entries in other namespaces', () => {
  expect(findingsOf({})).toEqual([])
  expect(findingsOf({outsideEntries: [entry('theirs', 'team-a', {hosts: ['example.org']})]})).toEqual([])
})

test("a DestinationRule of a client's namespace is reported", () => {
  const rule = {...entry('client', 'team-a', {host: '*.global'}), kind: 'DestinationRule'}
  expect(findingsOf({rules: [rule]})).toEqual([
    'warning client-rules west: DestinationRule team-a/client replaces the rule of hello.sample.global for clients in namespace team-a: their requests have an SNI that no gateway accepts',
  ])
})

test('an invalid import is reported', () => {
  expect(findingsOf({problems: [{message: 'ServiceEntry x is not a valid import'}]})).toEqual([
    'warning imports-valid west: ServiceEntry x is not a valid import',
  ])
})

test('entries with the host or the address of an import are reported', () => {
  const outsideEntries = [
    entry('host', 'team-a', {hosts: ['x.org', 'hello.sample.global']}),
    entry('address', 'team-a', {hosts: ['y.org'], addresses: ['240.241.0.1']}),
  ]
  expect(findingsOf({outsideEntries})).toEqual([
    'warning hosts-unique west: ServiceEntry host, address in namespace team-a also has hello.sample.global, 240.241.0.1: Istio uses the entry in the namespace of a client, else the oldest one',
  ])
})
