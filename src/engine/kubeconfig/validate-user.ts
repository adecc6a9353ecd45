import {type MeshError, usageError} from '../../errors.ts'
import type {ClusterEntry, UserEntry} from './entries.ts'

/**
 * Rejects the combinations of a user's fields that kubectl rejects (client-go, clientcmd/validation.go).
 *
 * @param name name of the user entry, for error messages
 * @param as user that a flag requests to impersonate; '' without the flag
 * @throws MeshError (exit 2)
 */
export function validateUser(user: UserEntry, name: string, as: string): void {
  if (user.token && (user.username || user.password)) {
    throw usageError(`user "${name}" sets a token and also a user name or password; only one of them is allowed`)
  }
  if (user.exec && user.authProvider) {
    throw usageError(`user "${name}" sets both exec and auth-provider; only one of them is allowed`)
  }
  if (user.exec?.env.some(variable => variable.name === '')) {
    throw usageError(`user "${name}" sets an environment variable without a name for its credential plugin`)
  }
  validateClientCertificate(user, name)
  validateImpersonation(user, name, as)
}

function validateImpersonation(user: UserEntry, name: string, as: string): void {
  const impersonates = user.asUid || user.asGroups.length > 0 || Object.keys(user.asUserExtra).length > 0
  if (impersonates && !user.as && !as) {
    throw usageError(
      `user "${name}" sets as-uid, as-groups or as-user-extra without "as"`,
      'set "as", or add --as USER',
    )
  }
}

function validateClientCertificate(user: UserEntry, name: string): void {
  const {clientCertificate, clientCertificateData, clientKey, clientKeyData} = user
  if (!clientCertificate && !clientCertificateData) return
  if (clientCertificate && clientCertificateData) throw setTwice(`user "${name}"`, 'client-certificate')
  if (clientKey && clientKeyData) throw setTwice(`user "${name}"`, 'client-key')
  if (!clientKey && !clientKeyData) {
    throw usageError(`user "${name}" sets a client certificate without client-key or client-key-data`)
  }
}

/**
 * Rejects the combinations of a cluster's fields that kubectl rejects (client-go, clientcmd/validation.go).
 *
 * @param name name of the cluster entry, for error messages
 * @throws MeshError (exit 2)
 */
export function validateCluster(cluster: ClusterEntry, name: string): void {
  const {certificateAuthority, certificateAuthorityData} = cluster
  if (certificateAuthority && certificateAuthorityData) throw setTwice(`cluster "${name}"`, 'certificate-authority')
}

function setTwice(entry: string, field: string): MeshError {
  return usageError(`${entry} sets both ${field} and ${field}-data; only one of them is allowed`)
}
