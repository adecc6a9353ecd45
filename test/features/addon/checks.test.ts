import {expect, test} from 'vitest'
import {type AddonSubject, addonChecks} from '../../../src/features/addon/checks.ts'
import {runChecks} from '../../../src/findings/check.ts'

const findings = (name: 'kiali' | 'loki', revision: string | undefined, revisions: readonly string[]) => {
  const spec = {systemNamespace: 'mesh-a', revision} as AddonSubject['addons'][number]['spec']
  const controlPlanes = revisions.map(one => ({revision: one}))
  return runChecks(addonChecks, {addons: [{name, spec}], controlPlanes, isConnected: false}).map(({message}) => message)
}

test.each([
  ['kiali', undefined, [], ['no istiod in namespace mesh-a, which Kiali would read']],
  ['kiali', 'canary', ['default'], ['no istiod of revision canary in namespace mesh-a, which Kiali would read']],
  ['kiali', 'canary', ['default', 'canary'], []],
  ['kiali', undefined, ['canary'], []],
  ['loki', undefined, [], []],
] as const)('%s of revision %s with istiods %j', (name, revision, revisions, expected) => {
  expect(findings(name, revision, revisions)).toEqual(expected)
})

test('a login with a token is refused while Kiali reads other clusters', () => {
  const spec = {systemNamespace: 'mesh-a', revision: undefined, auth: 'token' as const}
  const subject = {addons: [{name: 'kiali' as const, spec}], controlPlanes: [{revision: 'default'}], isConnected: true}
  expect(runChecks(addonChecks, subject)).toMatchObject([{check: 'addon-auth', level: 'error'}])
  expect(runChecks(addonChecks, {...subject, isConnected: false})).toEqual([])
})
