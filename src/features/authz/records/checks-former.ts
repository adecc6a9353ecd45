import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check} from '../../../findings/check.ts'
import {policyTitle} from '../istio.ts'
import {type ProviderPlaces, providerUse} from './objects-use.ts'

/** A policy without its provider denies every request. */
export const formerUnused: Check<ProviderPlaces & {users: readonly KubernetesObject[]}> = {
  id: 'former-provider',
  about: 'no policy of another owner uses a provider that is no longer needed',
  run: ({users, ...places}) =>
    providerUse(places).former.length === 0
      ? []
      : users.map(policy => ({
          level: 'warning',
          message: `provider ${places.provider.name} stays in the mesh config: ${policyTitle(policy)} uses it`,
          hints: ['delete that policy, then run this command again to remove the provider'],
        })),
}
