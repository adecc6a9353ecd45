import {expect, test} from 'vitest'
import {rootChecks} from '../../../../src/features/federate/preflight/checks-roots.ts'
import {controlPlane} from '../../../mesh/samples.ts'
import {cases} from './cases.ts'
import {findingsOf, meshCa, otherCa, subject, testCases} from './samples.ts'

testCases(rootChecks, cases)

const external = {controlPlanes: [controlPlane('west', {externalCa: 'ENABLE_CA_SERVER=false'})]}

test('where another CA signs, the served root counts, and not cacerts', () => {
  expect(findingsOf(subject({west: {...external, caSecret: otherCa.cacerts}}))).toEqual([])
})

test('where another CA signs, no hint leads to --ca-dir', () => {
  const [found] = findingsOf(subject({west: {...external, servedRoot: otherCa.root, caSecret: meshCa.cacerts}}))
  expect(found).toMatchObject({check: 'one-root', cluster: 'west'})
  expect(found?.hints?.join()).not.toMatch(/ca init|with --ca-dir/)
})

test('--ca-dir where another CA signs is the only finding', () => {
  const roots = {folder: meshCa.root, folderName: 'mesh-ca', hasKey: false}
  const west = {...external, servedRoot: otherCa.root}
  const found = findingsOf(subject({roots, east: {caSecret: meshCa.cacerts}, west}))
  expect(found.map(({check}) => check)).toEqual(['external-ca'])
})
