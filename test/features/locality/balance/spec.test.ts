import {describe, expect, test} from 'vitest'
import {localityBalanceFields, validateLocalityBalance} from '../../../../src/features/locality/balance/spec.ts'
import {flagsFor, type RawSpec, readSpec} from '../../../../src/spec/read.ts'

type Raw = RawSpec<typeof localityBalanceFields>
const balance = (raw: Raw) => readSpec(localityBalanceFields, raw, validateLocalityBalance)

describe('invalid', () => {
  test.each<[Raw, string]>([
    [{}, 'no host specified'],
    [{hosts: ['web'], failover: {a: 'a'}}, 'a region cannot fail over to itself'],
    [{hosts: ['web'], failover: ['a/z=b']}, 'is not a region'],
    [{hosts: ['web'], failover: ['*=b']}, 'is not a region'],
    [{hosts: ['web'], failover: ['a=b', 'a=c']}, 'sets a twice'],
    [{hosts: ['web'], failover: ['a=b'], distribute: ['a=a:100']}, '--distribute conflicts with --failover'],
    [
      {hosts: ['web'], failoverPriority: ['a'], distribute: ['a=a:100']},
      '--distribute conflicts with --failover-priority',
    ],
    [
      {hosts: ['web'], failover: ['a=b'], failoverPriority: ['topology.kubernetes.io/region']},
      '--failover conflicts with --failover-priority topology.kubernetes.io/region',
    ],
    [{hosts: ['web'], distribute: ['a=a:100', 'a/z=a:100']}, 'a and a/z overlap'],
    [{hosts: ['web'], distribute: ['a/*=a:50,a/z:50']}, 'overlap'],
    [{hosts: ['web'], distribute: ['*=a:100', 'b=b:100']}, 'overlap'],
    [{hosts: ['web'], preferClose: true, failover: ['a=b']}, '--prefer-close conflicts with --failover'],
    [{hosts: ['web'], preferClose: true, distribute: ['a=a:100']}, '--prefer-close conflicts with --distribute'],
    [{preferClose: true, meshWide: 'on'}, '--prefer-close requires a host'],
    [{hosts: ['web'], meshWide: 'off'}, '--mesh-wide off conflicts with hosts and settings'],
    [{meshWide: 'off', failover: ['a=b']}, '--mesh-wide off conflicts with hosts and settings'],
    [{hosts: ['*.web']}, 'is not a host'],
    [{hosts: ['web'], failoverPriority: ['a b']}, 'is not a label'],
    [{hosts: ['web'], failoverPriority: ['A_/b']}, 'is not a label'],
    [{hosts: ['web'], failoverPriority: ['a=b=c']}, 'is not a label'],
    [{hosts: ['web'], failoverPriority: ['a=']}, 'is not a label'],
  ])('%j: %s', (raw, problem) => {
    expect(() => balance(raw)).toThrow(problem)
  })
})

test.each<Raw>([
  {hosts: ['web']},
  {meshWide: 'off'},
  {meshWide: 'on', failover: ['a=b']},
  {hosts: ['web'], failover: ['a=b'], failoverPriority: ['version=v2']},
  {hosts: ['web'], failoverPriority: ['topology.kubernetes.io/region', 'example.com/tier']},
])('valid: %j', raw => {
  expect(() => balance(raw)).not.toThrow()
})

test('flags and a mesh file give the same distribution, and the Spec gives the flags', () => {
  const spec = balance({hosts: ['web'], distribute: ['a/z/*=a/*:80,b:20', 'b=b:100']})
  expect(spec.distribute).toEqual([
    {from: 'a/z/*', to: {'a/*': 80, b: 20}},
    {from: 'b', to: {b: 100}},
  ])
  expect(balance({hosts: ['web'], distribute: {'a/z/*': {'a/*': 80, b: 20}, b: {b: 100}}})).toEqual(spec)
  const flags = flagsFor(localityBalanceFields, spec)
  expect(flags).toEqual(['web', '--distribute', 'a/z/*=a/*:80,b:20', '--distribute', 'b=b:100'])
})
