import {describe, expect, it} from 'vitest'
import {parseClusterSource} from '../../../src/engine/cluster-sources/source.ts'

describe('sources of clusters', () => {
  it.each<[string, string, string, string, string]>([
    ['capi://mgmt/fleet', 'capi', 'mgmt', 'fleet', ''],
    ['argocd:///argocd', 'argocd', '', 'argocd', ''],
    ['clusterprofile://mgmt/fleet?env in (a, b),!gone', 'clusterprofile', 'mgmt', 'fleet', 'env in (a, b),!gone'],
    ['capi://arn:aws:eks:eu-1:1:cluster/mgmt/fleet?a=b', 'capi', 'arn:aws:eks:eu-1:1:cluster/mgmt', 'fleet', 'a=b'],
    ['capi://mgmt=./k3s.yaml#default/fleet', 'capi', 'mgmt=./k3s.yaml#default', 'fleet', ''],
  ])('%s', (text, kind, context, namespace, selector) => {
    expect(parseClusterSource(text)).toEqual({kind, context, namespace, selector, text})
  })

  it.each([
    '',
    'mgmt/fleet',
    'ocm://mgmt/fleet',
    'constructor://mgmt/fleet',
    'capi://mgmt',
    'capi://mgmt/',
    'capi://mgmt/Fleet',
    'capi://mgmt/fleet/?a=b',
    'capi://mgmt/fl\neet',
    'capi://mg\u001bmt/fleet',
    'capi://mgmt/fleet?a=\u009b',
  ])('not %j', text => {
    expect(parseClusterSource(text)).toBeUndefined()
  })
})
