import {expect, test} from 'vitest'
import {
  type CheckedRotation,
  caChecks,
  type RotationSubject,
  rotationChecks,
} from '../../../../src/features/ca/rotate/checks.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {controlPlane} from '../../../mesh/samples.ts'
import {member} from '../change/samples-ca.ts'
import {cas} from './samples-rotation.ts'

const ambient = {multiNetwork: false, sharesServices: false, scopes: []}
const proxy = {namespace: 'shop', name: 'web-1', followsRoots: true}
const cluster = (more: Partial<CheckedRotation> = {}): CheckedRotation => ({
  ...member(cas.old),
  ...{stage: 'old', multiRoot: new Map([['istiod', 'true']]), proxies: [proxy]},
  ...{ambientNamespaces: [], vms: [], readClusters: []},
  ...more,
})
const findings = (one: CheckedRotation, more: Partial<RotationSubject> = {}) =>
  runChecks(rotationChecks, {
    ...{members: [one], folder: 'mesh-ca', inFolder: ['east'], vmsRenewed: false, to: 'trust'},
    ...more,
  })

test('nothing is found in a prepared mesh', () => {
  expect(findings(cluster())).toEqual([])
  expect(findings(cluster({vms: ['vm/db']}))).toEqual([])
  // No istiod serves ambient mode.
  expect(findings(cluster({ambientNamespaces: ['shop']}))).toEqual([])
  expect(findings(cluster({vms: ['vm/db']}), {to: 'issue', vmsRenewed: true})).toEqual([])
})

test.each<[string, Partial<CheckedRotation>, Partial<RotationSubject>, RegExp, RegExp]>([
  ['ca-rotation-stage', {stage: undefined}, {}, /neither the root in mesh-ca, nor/, /--dir DIR/],
  ['ca-rotation-complete', {readClusters: ['east', 'west']}, {}, /^istiod reads west too/, /--contexts/],
  [
    'ca-rotation-complete',
    {controlPlane: controlPlane('east', {servesRemotes: true})},
    {},
    /EXTERNAL_ISTIOD/,
    /cannot be changed with this command/,
  ],
  [
    'ca-rotation-multiroot',
    {multiRoot: new Map([['istiod', undefined]])},
    {},
    /Deployment istiod/,
    /ISTIO_MULTIROOT_MESH=true/,
  ],
  [
    'ca-rotation-agents',
    {proxies: [proxy, {...proxy, name: 'web-2', followsRoots: false}]},
    {},
    /^1 of 2 proxies do not follow a change of the roots: shop\/web-2$/,
    /PROXY_CONFIG_XDS_AGENT to "true"/,
  ],
  [
    'ca-rotation-ambient',
    {ambientNamespaces: ['shop'], controlPlane: controlPlane('east', {ambient})},
    {},
    /serves shop$/,
    /istio\.io\/dataplane-mode/,
  ],
  [
    'ca-rotation-vms',
    {vms: ['vm/db']},
    {to: 'issue'},
    /only the old root: vm\/db$/,
    /kubectl mesh vm renew db -n vm\n/,
  ],
  ['ca-rotation-folder', {}, {inFolder: []}, /^mesh-ca has no CA for east/, /ca issue --dir mesh-ca --cluster east/],
])('%s', (check, more, subject, message, hint) => {
  const found = findings(cluster(more), subject)
  expect(found).toMatchObject([{check, cluster: 'east', message: expect.stringMatching(message)}])
  expect(found[0]!.hints!.join('\n')).toMatch(hint)
})

test('istiods that still use the CA before are no obstacle', () => {
  expect(caChecks.map(({id}) => id)).toEqual(['ca-plugged-in', 'ca-of-folder'])
})
