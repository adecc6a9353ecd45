import {expect, test} from 'vitest'
import {federationChecks} from '../../../../src/features/federate/preflight/checks.ts'
import {controlPlaneChecks} from '../../../../src/features/federate/preflight/checks-control-plane.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import type {MeshMember} from '../../../../src/mesh/members.ts'
import {remoteRecordData} from '../../../../src/mesh/record.ts'
import {cases} from './cases.ts'
import {findingsOf, subject, testCases} from './samples.ts'

const testedBelow = ['sail-operator', 'kept-control-plane', 'control-plane-record']
testCases(
  controlPlaneChecks.filter(({id}) => !testedBelow.includes(id)),
  cases,
)

test('the Sail operator is required where it must create a control plane', () => {
  const {all, ...rest} = subject({raw: {controlPlane: 'sail'}, west: {hasSailCrds: false}, east: {hasSailCrds: true}})
  const rendered = all.map(one => ({...one, rendered: {created: [], unrecorded: []}}))
  expect(runChecks(federationChecks, {...rest, all: rendered})).toMatchObject([
    {check: 'sail-operator', cluster: 'west', level: 'error'},
  ])
  expect(runChecks(federationChecks, {...rest, all})).toEqual([])
})

test('values have no effect on a control plane that is kept', () => {
  const raw = {controlPlane: 'istioctl', set: ['pilot.env.A=b'], certProvider: 'custom'}
  const {all, ...rest} = subject({raw})
  const onlyWest = [all[0]!, {...all[1]!, rendered: {created: [], unrecorded: []}}]
  expect(runChecks(federationChecks, {...rest, all: onlyWest})).toMatchObject([
    {
      check: 'kept-control-plane',
      cluster: 'east',
      level: 'warning',
      message: 'the control plane matches the mesh and is kept: --set, --cert-provider have no effect on it',
    },
  ])
  expect(findingsOf(subject({raw: {controlPlane: 'istioctl'}}))).toEqual([])
})

test('a control plane whose record is gone stays as it is, and is not changed without its values', () => {
  const {all, ...rest} = subject({raw: {controlPlane: 'istioctl', set: ['pilot.env.A=b']}})
  const lostControlPlane = [{apiVersion: 'v1', kind: 'Service', metadata: {name: 'istiod', namespace: 'istio-system'}}]
  const members = all.map((one): MeshMember => {
    const rendered = one.cluster === 'west' ? {rendered: {created: [], unrecorded: lostControlPlane}} : {}
    return {...one, lostControlPlane, ...rendered}
  })
  const where = 'ConfigMap kubectl-mesh-control-plane in namespace istio-system, the record of the control plane'
  const hints = ['set --values again (and --set) to list the objects in a new record; without files: --reset values']
  expect(runChecks(federationChecks, {...rest, all: members})).toEqual([
    {
      check: 'control-plane-record',
      cluster: 'east',
      level: 'warning',
      message: `${where}, is missing; the control plane stays as it is`,
      hints,
    },
    {
      check: 'control-plane-record',
      cluster: 'west',
      level: 'error',
      message: `${where}, is missing, and the control plane must change: its values are unknown`,
      hints,
    },
  ])
})

test.each([
  ['istioctl', undefined],
  ['helm', undefined],
  ['sail', 'install the Sail operator, which includes them'],
])('CustomResourceDefinitions are missing and %s renders the control plane', (tool, hint) => {
  const {all, ...rest} = subject({raw: {controlPlane: tool}, west: {hasIstioCrds: false, hasSailCrds: true}})
  const rendered = all.map(one => ({...one, rendered: {created: [], unrecorded: []}}))
  const hints = runChecks(controlPlaneChecks, {...rest, all: rendered}).flatMap(({hints: own}) => own ?? [])
  expect(hints).toEqual(hint === undefined ? [] : [hint])
})

test('a former remote without an istiod needs its mode', () => {
  const data = remoteRecordData({primary: 'east', ownsAnnotation: true, pilotAddress: undefined, singleNetwork: false})
  const record = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data}
  const [finding] = runChecks(controlPlaneChecks, subject({west: {controlPlanes: [], record}}))
  expect(finding?.hints?.[0]).toBe('the cluster joined as a remote of east: add --mode primary-remote')
})

test('a cluster without Istio has one finding, whose first hint is federate itself', () => {
  const findings = runChecks(controlPlaneChecks, subject({west: {controlPlanes: [], hasIstioCrds: false}}))
  expect(findings.map(({check, cluster}) => `${check} ${cluster}`)).toEqual(['control-plane west'])
  expect(findings[0]!.hints).toEqual([
    'to let federate install it: add --control-plane istioctl (or helm, sail)',
    expect.stringMatching(/^or: istioctl install --context west /),
  ])
})
