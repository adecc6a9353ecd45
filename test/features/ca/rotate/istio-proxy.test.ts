import {describe, expect, test} from 'vitest'
import {proxyProblem, readProxyView, trustProblem} from '../../../../src/features/ca/rotate/istio-proxy.ts'
import {goalOf, type Stage} from '../../../../src/features/ca/rotate/istio-stages.ts'
import {cas, next, old} from './samples-rotation.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** The page of Envoy 1.40, shortened. */
function page(chain: string, trusted: string): string {
  return JSON.stringify({
    configs: [
      {
        '@type': 'type.googleapis.com/envoy.admin.v3.SecretsConfigDump.DynamicSecret',
        name: 'default',
        secret: {
          name: 'default',
          tls_certificate: {
            certificate_chain: {inline_bytes: base64(chain)},
            private_key: {inline_bytes: base64('[redacted]')},
          },
        },
      },
      {name: 'ROOTCA', secret: {name: 'ROOTCA', validation_context: {trusted_ca: {inline_bytes: base64(trusted)}}}},
    ],
  })
}

const both = old.pem + next.pem
const problem = (chain: string, trusted: string, stage: Stage) =>
  proxyProblem(readProxyView(page(chain, trusted)), goalOf(stage, old.certificate, next.certificate))

test.each<[string, string, Stage]>([
  [cas.old.certChain, old.pem, 'old'],
  [cas.old.certChain, both, 'trust'],
  [cas.next.certChain, both, 'issue'],
  [cas.next.certChain, next.pem, 'new'],
])('what a proxy holds in each stage (%#)', (chain, trusted, stage) => {
  expect(problem(chain, trusted, stage)).toBeUndefined()
})

test.each<[string, string, Stage, RegExp]>([
  [cas.old.certChain, old.pem, 'trust', /^does not trust all roots of this stage yet$/],
  [cas.old.certChain, both, 'issue', /^still has a certificate below the other root$/],
  [cas.next.certChain, both, 'trust', /^still has a certificate below the other root$/],
  [cas.next.certChain, both, 'new', /^still trusts the other root$/],
  [cas.old.certChain, both, 'old', /^still trusts the other root$/],
])('what a proxy lacks (%#)', (chain, trusted, stage, expected) => {
  expect(problem(chain, trusted, stage)).toMatch(expected)
})

describe('a proxy without certificates', () => {
  test('requests them from the CA of the stage', () => {
    expect(readProxyView('{}')).toEqual({chain: [], trusted: []})
    expect(proxyProblem(readProxyView('{}'), goalOf('issue', old.certificate, next.certificate))).toBeUndefined()
  })

  test('another page is an error', () => {
    for (const text of ['', 'null', '<html>']) expect(() => readProxyView(text)).toThrow('is no configuration of Envoy')
  })
})

test('a bundle of roots belongs to a stage', () => {
  const problemIn = (pem: string, stage: Stage) => trustProblem(pem, goalOf(stage, old.certificate, next.certificate))
  expect(problemIn(both, 'trust')).toBeUndefined()
  expect(problemIn(next.pem, 'new')).toBeUndefined()
  expect(problemIn(old.pem, 'trust')).toMatch(/not trust all/)
  expect(problemIn(both, 'new')).toMatch(/still trusts/)
  expect(problemIn('', 'old')).toMatch(/not trust all/)
})
