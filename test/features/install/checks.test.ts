import {expect, test} from 'vitest'
import {differencesFrom, type InstallSubject, installChecks} from '../../../src/features/install/checks.ts'
import {runChecks} from '../../../src/findings/check.ts'
import {controlPlane, facts, record} from './samples.ts'

const spec = {via: 'istioctl' as const, systemNamespace: 'istio-system', revision: undefined}
const found = (subject: Partial<InstallSubject>) =>
  runChecks(installChecks, {spec, facts: facts(), ...subject}).map(({check, message, hints}) => [
    check,
    message,
    hints?.[0],
  ])

test('an empty cluster, and the control plane itself', () => {
  expect(found({})).toEqual([])
  expect(found({facts: facts({controlPlanes: [controlPlane()]})})).toEqual([])
})

test('--via sail without the operator', () => {
  const sail = {...spec, via: 'sail' as const}
  expect(found({spec: sail})).toEqual([
    [
      'sail-operator',
      expect.stringContaining('the Sail operator is not installed'),
      expect.stringContaining('--via istioctl'),
    ],
  ])
  expect(found({spec: sail, facts: facts({hasSail: true})})).toEqual([])
})

test('a revision that is a tag', () => {
  const tags = new Map([['stable', '1-30-3']])
  expect(found({spec: {...spec, revision: 'stable'}, facts: facts({tags})})).toEqual([
    ['revision', 'stable is a revision tag, for revision 1-30-3', expect.stringContaining('--revision 1-30-3')],
  ])
  expect(found({spec: {...spec, revision: '1-30-3'}, facts: facts({tags})})).toEqual([])
})

test('a control plane in another namespace that watches all namespaces', () => {
  const other = controlPlane({namespace: 'mesh', revision: 'r1'})
  expect(found({facts: facts({controlPlanes: [other]})})).toEqual([])
  expect(found({facts: facts({controlPlanes: [other], proved: new Set(['mesh'])})})).toEqual([
    [
      'other-control-planes',
      expect.stringMatching(/^istiod r1 in namespace mesh watches/),
      expect.stringContaining('mesh'),
    ],
  ])
  const tenant = controlPlane({namespace: 'mesh', discoverySelectors: [{matchLabels: {usergroup: 'a'}}]})
  expect(found({facts: facts({controlPlanes: [tenant]})})).toEqual([])
})

test('a control plane that federate manages', () => {
  const isFederated = {isFederated: true}
  expect(found({facts: facts(isFederated, record({via: 'helm'}))}).map(([check]) => check)).toEqual(['federation'])
  expect(found({facts: facts(isFederated, record({via: 'helm', by: 'install'}))})).toEqual([])
  expect(found({facts: facts({}, record({via: 'helm'}))})).toEqual([])
})

test('a control plane of another installer is used as it is only if it has what is requested', () => {
  const messages = (raw: Record<string, string | string[]>) =>
    differencesFrom(raw, controlPlane(), 'east').map(({message}) => message)
  expect(messages({network: 'net-east', via: 'helm'})).toEqual([])
  expect(messages({network: 'net-b', meshId: 'mesh1', set: ['a=b'], profile: 'demo'})).toEqual([
    '--network net-b: the existing control plane has net-east',
    '--profile, --set have no effect: kubectl-mesh did not install the existing control plane',
  ])
})
