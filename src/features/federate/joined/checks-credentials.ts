import {credentialRemovalHint} from '../../../mesh/credentials/removal-hint.ts'
import type {FederationFacts} from '../../../mesh/facts.ts'
import {forEachMember} from '../preflight/for-each.ts'
import type {FederationCheck} from '../preflight/subject.ts'

const serverCertificate: FederationCheck = {
  id: 'server-certificate',
  about: 'remote Secrets verify the API servers of the other clusters',
  lasting: {needsCredentials: true, role: 'primary'},
  run: forEachMember(({cluster, context, facts}, {rejectedServers = [], spec: {systemNamespace}}) =>
    rejectedServers
      .filter(({holder}) => holder === cluster)
      .map(({target, secret, server, error}) => ({
        message: `the certificate authority in Secret ${secret} does not verify ${server}, the API server of ${target} (${error}): istiod cannot connect to it`,
        hints: [
          `run the command again: it chooses the certificate authority. A Secret of another owner stays: ${credentialRemovalHint({context, systemNamespace, name: secret, keys: keysOf(facts, secret)}, [target])}`,
        ],
      })),
  ),
}

function keysOf(facts: FederationFacts | undefined, name: string): string[] {
  const found = facts?.remoteSecrets.find(secret => secret.metadata.name === name)
  return Object.keys((found?.data ?? {}) as object)
}

/** Checks of the credentials that joined clusters hold for each other. */
export const joinedCredentialChecks: readonly FederationCheck[] = [serverCertificate]
