import {describe, expect, test} from 'vitest'
import {verifyChecks} from '../../../../src/features/federate/verify/checks.ts'
import {credentials, keys, noCredentials, reader} from '../../../../src/features/federate/verify/checks-credentials.ts'
import type {ObservedCredential} from '../../../../src/features/federate/verify/read-credentials.ts'
import {primaryAndRemote} from '../../../mesh/samples-remote.ts'
import {type Differs, foundBy, observed, subjectOf} from './samples.ts'

function credential(differs: Partial<ObservedCredential> = {}): ObservedCredential {
  return {key: 'west', secret: 's', target: 'west', state: 'accepted', ...differs}
}

const account = {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: 'r'}}

describe('findings of all checks for a cluster', () => {
  test.each<[string, Differs, string[]]>([
    [
      'the reader account lacks permissions',
      {facts: {reader: {account, allowed: false, readsSecrets: true}}},
      [
        'east reader error: service account istio-reader-service-account lacks permissions: istiods of the other clusters cannot watch this cluster',
      ],
    ],
    [
      'no credential',
      {credentials: []},
      ['east credentials error: no credential for west: istiod cannot discover the services there'],
    ],
    [
      'a revoked token',
      {credentials: [credential({state: 'refused'})]},
      ['east credentials error: west rejects the token in Secret s: it was revoked or has expired'],
    ],
    [
      'a kubeconfig that istiod rejects',
      {credentials: [credential({problems: ['sets exec, which istiod rejects']})]},
      ['east credentials error: Secret s for west sets exec, which istiod rejects'],
    ],
    [
      'a credential that cannot be tested',
      {credentials: [credential({state: 'unknown', why: 'it contains no token'})]},
      ['east credentials warning: cannot test whether west accepts the credential in Secret s: it contains no token'],
    ],
    [
      'two Secrets for one cluster',
      {credentials: [credential(), credential({secret: 't'})]},
      ['east credentials error: west is registered by two Secrets, s and t; istiod uses only one'],
    ],
    [
      'a key that is not the cluster ID',
      {credentials: [credential({key: 'occident'})]},
      [
        'east cluster-key error: Secret s registers the cluster as occident, but its istiod reports cluster ID west; endpoints are registered under a cluster that does not exist',
      ],
    ],
  ])('%s', (_, differs, expected) =>
    expect(foundBy(verifyChecks, [observed('east', differs), observed('west')])).toEqual(expected),
  )
})

test('a credential for a cluster that is not verified has no finding', () => {
  const all = [
    observed('east', {credentials: [credential(), credential({key: 'x', target: undefined})]}),
    observed('west'),
  ]
  expect(foundBy([credentials, keys], all)).toEqual([])
})

test('the source of the credentials check names the clusters that reviewed tokens', () => {
  const sourceOf = (found: ObservedCredential[]) =>
    credentials.from(subjectOf([observed('east', {credentials: found})]))
  expect(sourceOf([credential(), credential({secret: 't'})])).toBe('TokenReview in west')
  expect(sourceOf([credential({state: 'unknown'})])).toBe('read from the API server of east')
})

test('primary-remote mode: only the reader account of the remote cluster is needed, with write permissions', () => {
  const found = (readerLeads: boolean) => {
    const {all} = primaryAndRemote({westRemote: {readerLeads}})
    return foundBy(
      [reader],
      all.map(member => ({...observed('east'), member})),
    )
  }
  expect(found(true)).toEqual([])
  expect(found(false)).toEqual([
    'west reader error: service account istio-reader-service-account lacks permissions: istiod of the primary cluster cannot write its root certificate and CA bundle to this cluster',
  ])
})

describe('gateways mode', () => {
  test('one warning per Secret with credentials for verified clusters', () => {
    const found = [credential(), credential({target: 'south'}), credential({secret: 'other', target: undefined})]
    const subject = subjectOf([observed('east', {credentials: found})], {gateways: true})
    expect(noCredentials.run(subject)).toEqual([
      {
        level: 'warning',
        cluster: 'east',
        message: 'Secret s gives istiod access to west, south, which gateways mode does not need',
        hints: ['kubectl --context east -n istio-system delete secret s'],
      },
    ])
  })

  test('only in this mode', () => {
    const all = [observed('east'), observed('west')]
    expect(noCredentials.applies(subjectOf(all))).toBe(false)
    expect(noCredentials.applies(subjectOf(all, {gateways: true}))).toBe(true)
  })
})
