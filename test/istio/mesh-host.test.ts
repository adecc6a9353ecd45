import {expect, test} from 'vitest'
import {coversHost, fullHost, hostOfRule, readMeshHost} from '../../src/istio/mesh-host.ts'

const domain = 'cluster.local'

test.each([
  ['web', 'web.shop.svc.cluster.local', {name: 'web', namespace: 'shop'}],
  ['web.blog.svc', 'web.blog.svc.cluster.local', {name: 'web', namespace: 'blog'}],
  ['web.blog.svc.cluster.local', 'web.blog.svc.cluster.local', {name: 'web', namespace: 'blog'}],
  ['a.web.blog.svc.cluster.local', 'a.web.blog.svc.cluster.local', undefined],
  ['web.blog.svc.other.domain', 'web.blog.svc.other.domain', undefined],
  ['api.example.com', 'api.example.com', undefined],
])('%s in namespace shop is %s', (text, host, service) =>
  expect(readMeshHost(text, 'shop', domain)).toEqual({host, service}),
)

test.each([
  ['*', '*'],
  ['*.example.com', '*.example.com'],
  ['web', 'web.shop.svc.cluster.local'],
])('the full form of host %s is %s', (text, host) => {
  expect(fullHost(text, 'shop', domain)).toBe(host)
  const rule = {apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: {name: 'a', namespace: 'shop'}}
  expect(hostOfRule({...rule, spec: {host: text}}, domain)).toBe(host)
})

test.each([
  ['a.example.com', 'a.example.com', true],
  ['*', 'a.example.com', true],
  ['*.example.com', 'a.example.com', true],
  ['*.example.com', 'a.b.example.com', true],
  ['*.example.com', 'example.com', false],
  ['*.example.com', 'badexample.com', false],
  ['example.com', 'a.example.com', false],
])('%s covers %s: %s', (pattern, host, expected) => expect(coversHost(pattern, host)).toBe(expected))
