import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
  clusterServiceOf,
  hostProblem,
  labelKeyProblem,
  labelTextProblem,
  localityProblem,
} from '../../../src/features/vm/spec-names.ts'
import {addressOrHost} from '../../../src/spec/texts.ts'

describe('--address', () => {
  test.each(['10.0.0.5', '::1', '2001:DB8::1', 'db.example.com', 'db', 'a.b-c.d1e'])('accepts %s', text =>
    expect(addressOrHost(text)).toBeUndefined(),
  )
  test.each([
    '10.0.0.300',
    '10.0.0',
    '1.2.3.4.5',
    '2001:db8::g',
    'Db.example.com',
    'db..com',
    '-db',
    'a_b',
    '',
    'http://a',
  ])('rejects %j', text => expect(addressOrHost(text)).toBe('is not an IP address or host name'))
  test('accepts every IP address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), ip => {
        expect(addressOrHost(ip)).toBeUndefined()
      }),
    )
  })
})

test.each([
  [hostProblem, ['web.example.com', 'web'], ['*.example.com', '10.0.0.1', 'Web', 'a..b', '']],
  [labelKeyProblem, ['app', 'example.com/app', 'A_b.c'], ['', '/app', 'a/b/c', '-a', 'Ex.com/a', 'a'.repeat(64)]],
  [labelTextProblem, ['', 'v1', 'A_b.c-d'], ['-a', 'a b', 'a/b', 'ä', 'a'.repeat(64)]],
  [localityProblem, ['r', 'r/z', 'r/z/s'], ['', 'r/', '/z', 'r/z/s/t', 'r z', '*', 'r/*']],
])('%o accepts valid and rejects invalid texts', (problem, valid, invalid) => {
  for (const text of valid) expect(problem(text), text).toBeUndefined()
  for (const text of invalid) expect(problem(text), text).toBeDefined()
})

describe('clusterServiceOf', () => {
  test.each([
    ['web.vm.svc', {name: 'web', namespace: 'vm'}],
    ['web.vm.svc.cluster.local', {name: 'web', namespace: 'vm'}],
    ['web.vm.svc.example.com', undefined],
    ['web.vm', undefined],
    ['web', undefined],
    ['web.example.com', undefined],
  ])('%s', (host, service) => expect(clusterServiceOf(host, 'cluster.local')).toEqual(service))
})
