import type {Problem} from '../../../errors.ts'
import {isObjectName} from './objects-names.ts'

/** How Secrets get into Git. */
export const secretModes = ['none', 'external-secrets', 'sops'] as const

export type SecretMode = (typeof secretModes)[number]

const storeKinds = ['ClusterSecretStore', 'SecretStore'] as const

/** The store from which External Secrets reads. */
export interface SecretStore {
  kind: (typeof storeKinds)[number]
  name: string
}

/** How to write Secrets. */
export type SecretChoice =
  | {mode: 'none'}
  | {mode: 'external-secrets'; store: SecretStore}
  | {
      mode: 'sops'
      /** Name of the Secret with the keys with which Flux decrypts. Undefined if its identity in a cloud is sufficient. */
      decryptionSecret: string | undefined
    }

/** The flags of `mesh render` about Secrets, as oclif parses them. */
export interface SecretFlags {
  secrets?: SecretMode | undefined
  'secret-store'?: string | undefined
  'decryption-secret'?: string | undefined
}

/** Returns everything that is missing, has no effect or cannot be used. */
export function secretProblems(flags: SecretFlags, engine: string): Problem[] {
  const {secrets: mode = 'none', 'secret-store': store, 'decryption-secret': decryption} = flags
  const external = mode === 'external-secrets'
  return [
    ...(mode === 'sops' && engine === 'argocd'
      ? [
          {
            message: '--secrets sops conflicts with --for argocd, which does not decrypt files',
            hints: ['use --secrets external-secrets'],
          },
        ]
      : []),
    ...(external && store === undefined
      ? [{message: '--secrets external-secrets requires --secret-store', hints: ['name of a ClusterSecretStore']}]
      : []),
    ...(!external && store !== undefined ? [{message: `--secret-store has no effect with --secrets ${mode}`}] : []),
    ...(store !== undefined && !parseStore(store)
      ? [
          {
            message: `--secret-store ${store} is not a store`,
            hints: ['NAME, ClusterSecretStore/NAME or SecretStore/NAME'],
          },
        ]
      : []),
    ...decryptionProblems(decryption, mode, engine),
  ]
}

function decryptionProblems(name: string | undefined, mode: SecretMode, engine: string): Problem[] {
  if (name === undefined) return []
  if (mode !== 'sops') return [{message: `--decryption-secret has no effect with --secrets ${mode}`}]
  if (engine !== 'flux') return [{message: `--decryption-secret has no effect with --for ${engine}`}]
  return isObjectName(name) ? [] : [{message: `--decryption-secret ${name} is not a name of a Kubernetes object`}]
}

/** Returns how to write Secrets. The flags have no problems. */
export function readSecretChoice(flags: SecretFlags): SecretChoice {
  const {secrets: mode = 'none', 'secret-store': store = '', 'decryption-secret': decryptionSecret} = flags
  if (mode === 'external-secrets') return {mode, store: parseStore(store)!}
  return mode === 'sops' ? {mode, decryptionSecret} : {mode}
}

function parseStore(text: string): SecretStore | undefined {
  const [name = '', kindText = 'ClusterSecretStore', ...more] = text.split('/').reverse()
  const kind = storeKinds.find(one => one === kindText)
  return kind && more.length === 0 && isObjectName(name) ? {kind, name} : undefined
}
