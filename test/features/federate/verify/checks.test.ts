import {describe, expect, test} from 'vitest'
import {verifyChecks} from '../../../../src/features/federate/verify/checks.ts'
import type {ObservedCluster} from '../../../../src/features/federate/verify/read.ts'
import type {VerifySubject} from '../../../../src/features/federate/verify/subject.ts'
import {controlPlane} from '../../../mesh/samples.ts'
import {foundBy, observed, subjectOf} from './samples.ts'

/** The IDs of the checks that apply to a cluster. */
function applying(current: ObservedCluster, differs: Partial<VerifySubject> = {}): string[] {
  const subject = subjectOf([current, observed('west')], differs)
  return verifyChecks.filter(({applies}) => applies(subject)).map(({id}) => id)
}

test('two healthy clusters: no findings, and every check of the mode applies', () => {
  expect(foundBy(verifyChecks, [observed('east'), observed('west')])).toEqual([])
  const ofOtherModes = [
    'istiod-exposed',
    'injection',
    'no-credentials',
    'imports-current',
    'imports-known',
    'client-rules',
    'dns-names',
    'ambient-gateways-known',
    'ambient-services',
    'ambient-services-known',
    'ambient-services-current',
  ]
  const expected = verifyChecks.map(({id}) => id).filter(id => !ofOtherModes.includes(id))
  expect(applying(observed('east'))).toEqual(expected)
})

test('every check has its own ID', () => {
  const ids = verifyChecks.map(({id}) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

describe('checks that do not apply are not shown', () => {
  test('only one check for a cluster that is not reachable', () =>
    expect(applying(observed('east', {unreachable: {message: 'connect ECONNREFUSED'}, istiods: []}))).toEqual([
      'api-server',
    ]))

  test('without an istiod, no checks of its state', () =>
    expect(applying(observed('east', {istiods: []}))).not.toContain('clusters-synced'))

  test('gateways mode: no checks of credentials', () => {
    const ids = applying(observed('east'), {gateways: true})
    expect(ids).not.toEqual(expect.arrayContaining(['credentials']))
    expect(ids).toEqual(expect.arrayContaining(['root', 'exposure', 'gateway-address']))
  })

  test('on one network, no checks of gateways', () => {
    expect(applying(observed('east'), {singleNetwork: true})).not.toContain('gateway-address')
    const facts = {
      controlPlanes: [controlPlane('east', {network: 'net-west'})],
      namespace: observed('west').member.facts!.namespace,
    }
    expect(applying(observed('east', {facts}))).not.toContain('gateway-address')
  })
})
