import {expect, test} from 'vitest'
import {readSecretChoice, type SecretFlags, secretProblems} from '../../../../src/features/files/render/spec-secrets.ts'

const problemsOf = (flags: SecretFlags, engine = 'flux') => secretProblems(flags, engine).map(({message}) => message)

test('by default, no Secret is in Git', () => {
  expect(problemsOf({})).toEqual([])
  expect(readSecretChoice({})).toEqual({mode: 'none'})
})

test.each([
  ['vault', {kind: 'ClusterSecretStore', name: 'vault'}],
  ['ClusterSecretStore/vault.eu', {kind: 'ClusterSecretStore', name: 'vault.eu'}],
  ['SecretStore/vault', {kind: 'SecretStore', name: 'vault'}],
])('--secret-store %s', (text, store) => {
  const flags = {secrets: 'external-secrets', 'secret-store': text} as const
  for (const engine of ['kustomize', 'flux', 'argocd']) expect(problemsOf(flags, engine)).toEqual([])
  expect(readSecretChoice(flags)).toEqual({mode: 'external-secrets', store})
})

test.each(['', 'Vault', 'Secret/vault', 'a/SecretStore/vault', 'SecretStore/', '{{a}}', 'a\nb'])(
  '--secret-store %j is refused',
  text =>
    expect(problemsOf({secrets: 'external-secrets', 'secret-store': text})).toEqual([
      `--secret-store ${text} is not a store`,
    ]),
)

test('Flux decrypts with the keys of a Secret, or with its identity', () => {
  expect(readSecretChoice({secrets: 'sops'})).toEqual({mode: 'sops', decryptionSecret: undefined})
  const flags = {secrets: 'sops', 'decryption-secret': 'sops-age'} as const
  expect(problemsOf(flags)).toEqual([])
  expect(readSecretChoice(flags)).toEqual({mode: 'sops', decryptionSecret: 'sops-age'})
  expect(problemsOf({...flags, 'decryption-secret': 'a b'})).toEqual([
    '--decryption-secret a b is not a name of a Kubernetes object',
  ])
})

test('what is missing or has no effect', () => {
  expect(problemsOf({secrets: 'external-secrets'})).toEqual(['--secrets external-secrets requires --secret-store'])
  expect(problemsOf({'secret-store': 'vault', 'decryption-secret': 'a'})).toEqual([
    '--secret-store has no effect with --secrets none',
    '--decryption-secret has no effect with --secrets none',
  ])
  expect(problemsOf({secrets: 'sops', 'decryption-secret': 'a'}, 'kustomize')).toEqual([
    '--decryption-secret has no effect with --for kustomize',
  ])
  expect(problemsOf({secrets: 'sops'}, 'argocd')).toEqual([
    '--secrets sops conflicts with --for argocd, which does not decrypt files',
  ])
})
