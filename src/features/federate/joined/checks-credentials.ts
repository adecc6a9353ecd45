import {contextFlags} from '../../../spec/context-ref.ts'
import {forEachMember} from '../preflight/for-each.ts'
import type {FederationCheck} from '../preflight/subject.ts'

const serverCertificate: FederationCheck = {
  id: 'server-certificate',
  about: 'remote Secrets verify the API servers of the other clusters',
  lasting: {needsCredentials: true, role: 'primary'},
  run: forEachMember(({cluster, context}, {rejectedServers = [], spec}) =>
    rejectedServers
      .filter(({holder}) => holder === cluster)
      .map(({target, secret, server, error}) => ({
        message: `the certificate authority in Secret ${secret} does not verify ${server}, the API server of ${target} (${error}): istiod cannot connect to it`,
        hints: [
          `run the command again: it chooses the certificate authority. A Secret of another owner stays: kubectl ${contextFlags(context)} -n ${spec.systemNamespace} delete secret ${secret}`,
        ],
      })),
  ),
}

/** Checks of the credentials that joined clusters hold for each other. */
export const joinedCredentialChecks: readonly FederationCheck[] = [serverCertificate]
