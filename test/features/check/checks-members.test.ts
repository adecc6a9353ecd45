import {expect, test} from 'vitest'
import {objectGroup, versionGroup} from '../../../src/features/check/checks-members.ts'
import {runChecks} from '../../../src/findings/check.ts'
import {controlPlane, facts, member} from '../../mesh/samples.ts'
import {checkFacts} from './samples.ts'

const withMembers = (...members: ReturnType<typeof member>[]) => {
  const base = checkFacts()
  return {...base, federation: {...base.federation, members}}
}

test('a version with known defects is a warning', () => {
  const old = member('east', facts('east', {controlPlanes: [controlPlane('east', {version: '1.30.3'})]}))
  const fixed = member('west', facts('west', {controlPlanes: [controlPlane('west', {version: '1.30.4'})]}))
  const found = runChecks(versionGroup, withMembers(old, fixed))
  expect(found.map(({level, check, cluster}) => [level, check, cluster])).toEqual([
    ['warning', 'version-defects', 'east'],
    ['warning', 'version-defects', 'east'],
  ])
  expect(found[0]!.message).toContain('(istio#60920)')
})

test('a webhook without its Service is an error', () => {
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: {name: 'injector'},
    webhooks: ['a', 'b'].map(name => ({
      name,
      clientConfig: {service: {namespace: 'istio-system', name: 'istiod-gone'}},
    })),
  }
  const webhooks = (services: string[]) => ({
    ...checkFacts(),
    webhooks: [{cluster: 'east', configurations: [configuration], services: new Set(services)}],
  })
  expect(runChecks(objectGroup, webhooks([]))).toMatchObject([
    {
      level: 'error',
      check: 'webhook-service',
      message: 'MutatingWebhookConfiguration injector calls Service istio-system/istiod-gone, which does not exist',
    },
  ])
  expect(runChecks(objectGroup, webhooks(['istio-system/istiod-gone']))).toEqual([])
})

test('a reader account without permissions is an error', () => {
  const account = {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: 'istio-reader-service-account'}}
  const reader = {account, allowed: false, readsSecrets: true}
  expect(runChecks(objectGroup, withMembers(member('east', facts('east', {reader}))))).toMatchObject([
    {level: 'error', check: 'reader-rights', cluster: 'east'},
  ])
  expect(
    runChecks(objectGroup, withMembers(member('east', facts('east', {reader: {...reader, allowed: true}})))),
  ).toEqual([])
})
