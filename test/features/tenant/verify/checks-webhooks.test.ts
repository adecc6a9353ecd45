import {expect, test} from 'vitest'
import {webhookChecks} from '../../../../src/features/tenant/verify/checks-webhooks.ts'
import type {TenantVerifyFacts} from '../../../../src/features/tenant/verify/read.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {tenantOf} from '../samples.ts'
import {factsOf, webhookOf} from './samples.ts'

function messages(more: Partial<TenantVerifyFacts>, tenant = tenantOf('a')): string[] {
  return runChecks(webhookChecks, {tenant, facts: factsOf(more)}).map(({message}) => message)
}

test('complete webhooks have no findings', () => {
  expect(messages({})).toEqual([])
})

test('finds missing webhooks, another Service and a missing CA bundle', () => {
  expect(messages({validators: []})).toEqual(['there is no ValidatingWebhookConfiguration of revision a'])
  expect(messages({injectors: [webhookOf('Mutating', 'a', 'istiod')]})).toEqual([
    'MutatingWebhookConfiguration mutating-a of revision a calls istiod in namespace a; expected istiod-a in namespace a',
  ])
  const bare = webhookOf('Validating', 'a')
  bare.webhooks[0]!.clientConfig.caBundle = ''
  expect(messages({validators: [bare]})).toEqual([
    'ValidatingWebhookConfiguration validating-a has no caBundle; istiod has not set it',
  ])
  expect(messages({validators: [bare]}, tenantOf('a', {ready: 0}))).toEqual([])
})

test('finds two injectors for one namespace', () => {
  const second = {...webhookOf('Mutating', 'a'), metadata: {name: 'second', labels: {'istio.io/rev': 'a'}}}
  expect(messages({injectors: [webhookOf('Mutating', 'a'), second]})).toEqual([
    'mutating-a and second would both inject pods in namespace app-1',
  ])
})

test('a control plane that is no tenant is not repaired with tenant add', () => {
  const hintsFor = (more: object) =>
    runChecks(webhookChecks, {tenant: tenantOf('a', more), facts: factsOf({validators: []})}).flatMap(
      ({hints}) => hints,
    )
  expect(hintsFor({})).toEqual(['kubectl mesh tenant add a'])
  expect(hintsFor({recorded: false})).toEqual(['run the tool that installed this control plane again'])
})
