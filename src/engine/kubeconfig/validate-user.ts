import {usageError} from '../../errors.ts'
import type {UserEntry} from './entries.ts'

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
  const impersonates = user.asUid || user.asGroups.length > 0 || Object.keys(user.asUserExtra).length > 0
  if (impersonates && !user.as && !as) {
    throw usageError(
      `user "${name}" sets as-uid, as-groups or as-user-extra without "as"`,
      'set "as", or add --as USER',
    )
  }
}
