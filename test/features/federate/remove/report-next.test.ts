import {expect, test} from 'vitest'
import {stepsAfterRemoval} from '../../../../src/features/federate/remove/report-next.ts'
import {federationRemoveFields} from '../../../../src/features/federate/remove/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'

const steps = (more: object, connection = '') =>
  stepsAfterRemoval(readSpec(federationRemoveFields, {contexts: ['south'], ...more}), connection)

test('the clusters that stay are verified, with their names', () =>
  expect(
    steps({from: ['east', 'west'], clusterName: {south: 's', east: 'e'}, systemNamespace: 'mesh'}, '--as admin'),
  ).toEqual([
    'kubectl mesh federate verify --contexts east,west --cluster-name east=e --system-namespace mesh --as admin',
  ]))

test('a single cluster has a status', () =>
  expect(steps({from: ['east'], revision: '1-31'})).toEqual([
    'kubectl mesh federate status --contexts east --revision 1-31',
  ]))

test('nothing follows if no cluster stays', () => expect(steps({})).toEqual([]))
