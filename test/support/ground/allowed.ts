import {vi} from 'vitest'
import type {Api} from '../servers/api.ts'

/** What a user wants to do, as in a SubjectAccessReview. */
export interface Access {
  verb: string
  group?: string
  resource: string
  subresource?: string
  namespace?: string
  name?: string
}

/** Waits until a user has a permission: an API server learns of new roles and bindings a moment after they are written. */
export async function untilAllowed(api: Api, user: string, access: Access): Promise<void> {
  const spec = {user, resourceAttributes: access}
  const review = {apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {name: ''}, spec}
  const isAllowed = async () => ((await api.create(review)).status as {allowed: boolean}).allowed
  await vi.waitUntil(isAllowed, {timeout: 30_000})
}
