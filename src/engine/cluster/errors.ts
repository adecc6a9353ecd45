import type {ObjectRef} from '../kubernetes/object.ts'

/** The API server responded with an error status. */
export class ApiError extends Error {
  readonly status: number
  /** `reason` of the Status object: `Forbidden`, `Invalid`, … */
  readonly reason: string | undefined

  constructor(status: number, reason: string | undefined, message: string) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.reason = reason
  }
}

/** A field that an apply sets and another manager owns. */
export interface FieldConflict {
  /** Path in the server's notation: `.spec.ports[port=15443].targetPort`. */
  field: string
  /** The other field manager: `kubectl-client-side-apply`, `helm`, … */
  manager: string
}

/** The server rejected a server-side apply because other managers own some of its fields. Nothing was written. */
export class ConflictError extends ApiError {
  readonly ref: ObjectRef
  readonly conflicts: FieldConflict[]

  constructor(ref: ObjectRef, conflicts: FieldConflict[], message: string) {
    super(409, 'Conflict', message)
    this.name = 'ConflictError'
    this.ref = ref
    this.conflicts = conflicts
  }
}

/** The API server gave no usable response: unreachable, too slow, connection broken, or certificate not trusted. */
export class UnreachableError extends Error {
  readonly context: string

  constructor(context: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : {cause})
    this.name = 'UnreachableError'
    this.context = context
  }
}

/** Why a cluster was not read. */
export type UnreadState = 'not reachable' | 'not authorized' | 'not readable'

/** Returns why a cluster was not read. A credential plugin that is not installed makes it not readable. */
export function unreadState(error: unknown): UnreadState {
  if (error instanceof UnreachableError) return 'not reachable'
  const isDenied = error instanceof ApiError && (error.status === 401 || error.status === 403)
  return isDenied ? 'not authorized' : 'not readable'
}
