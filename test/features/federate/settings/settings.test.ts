import {describe, expect, test} from 'vitest'
import {readInput, readScope} from '../../../../src/features/federate/settings/settings.ts'
import type {Run} from '../../../../src/run/run.ts'
import {facts} from '../../../mesh/samples.ts'

const contexts = ['east', 'west']

describe('readScope', () => {
  test('accepts a flag that has an effect only with a stored setting', () =>
    expect(readScope({contexts, dns: 'coredns'}, false)).toMatchObject({contexts, dns: 'coredns'}))

  test.each<[string, Parameters<typeof readScope>]>([
    ['a file, which is complete', [{contexts, dns: 'coredns'}, true]],
    ['a value that contradicts a flag', [{contexts, mode: 'multi-primary', dns: 'coredns'}, false]],
    ['an invalid value of such a flag', [{contexts, dnsForward: 'x'}, false]],
    ['one cluster', [{contexts: ['east']}, false]],
  ])('rejects %s', (_, args) => expect(() => readScope(...args)).toThrow(/./))
})

describe('readInput', () => {
  const run = {access: {manager: 'kubectl-mesh'}, write: {reset: [], complete: false}} as unknown as Run
  const record = (data: Record<string, string>) => ({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data})
  const read = (east: Record<string, string> | undefined, west: Record<string, string> | undefined) => {
    const [one, other] = [east, west].map(data => data && record(data))
    const all = new Map([
      ['east', facts('east', {record: one})],
      ['west', facts('west', {record: other})],
    ])
    return readInput({contexts}, readScope({contexts}, false), all, run).stored
  }

  test('a new cluster has no settings, and version 0.1.0 stored none', () =>
    expect(read({cluster: 'east', network: '', settings: '{"expose":["trade/*"]}'}, undefined)).toEqual([
      {cluster: 'east', raw: {expose: ['trade/*']}, isComplete: true},
    ]))

  test('settings of version 0.1.0 come from its objects', () =>
    expect(read(undefined, {cluster: 'west', network: ''})).toEqual([
      {cluster: 'west', raw: {singleNetwork: true}, isComplete: false},
    ]))

  test('different settings are rejected', () =>
    expect(() => read({settings: '{"expose":["trade/*"]}'}, {settings: '{}'})).toThrow(
      /--expose is trade\/\* in east, and not set in west/,
    ))
})
