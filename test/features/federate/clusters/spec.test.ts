import {describe, expect, it} from 'vitest'
import {federationFileFields, validateFederationFile} from '../../../../src/features/federate/clusters/spec.ts'
import type {Raw} from '../../../../src/spec/field.ts'
import {readSpec} from '../../../../src/spec/read.ts'

const read = (raw: Record<string, Raw>) => readSpec(federationFileFields, raw, validateFederationFile)
const from = 'capi://mgmt/fleet?env=prod'

describe('spec.clusters of a Federation', () => {
  it('stands for clusters that are not known yet', () => {
    expect(read({clusters: {from}}).clusters).toEqual({from, matchLabels: {}})
    const more = {contexts: ['hub'], clusterName: {a: 'b'}, network: {a: 'n'}, mode: 'primary-remote', primary: 'west'}
    expect(read({clusters: {from, matchLabels: {tier: '1', n: 2}}, ...more}).clusters).toEqual({
      from,
      matchLabels: {tier: '1', n: '2'},
    })
  })

  it('does not change what is required without it', () => {
    expect(() => read({contexts: ['a']})).toThrow('needs at least two clusters')
    expect(() => read({contexts: ['a', 'b'], network: {c: 'n'}})).toThrow('c is not among')
  })

  it.each<[Raw, string]>([
    [from, 'must be a map'],
    [[from], 'must be a map'],
    [{}, 'needs the key from'],
    [{from: 'ocm://a/b'}, 'is not a source'],
    [{from, matchExpressions: []}, 'unknown key matchExpressions'],
    [{from, matchLabels: ['a']}, 'matchLabels must be a map'],
    [{from, matchLabels: {a: {}}}, 'must be one text'],
  ])('%j is invalid', (clusters, message) => {
    expect(() => read({clusters})).toThrow(message)
  })

  it('takes a label with the name of a property of objects', () => {
    expect(Object.keys(read({clusters: {from, matchLabels: {constructor: 'a'}}}).clusters!.matchLabels)).toEqual([
      'constructor',
    ])
  })
})
