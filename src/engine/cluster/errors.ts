import type {ObjectRef} from '../kubernetes/object.ts'

/** The API server answered with 400 or more. */
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

/** Who owns a field that we wanted to set. */
export interface FieldConflict {
  /** As the server tells it: `.spec.ports[port=15443].targetPort`. */
  field: string
  /** The other field manager: `kubectl-client-side-apply`, `helm`, … */
  manager: string
}

/** A server-side apply was refused, since others own fields that we wanted to set. Nothing was written. */
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

/** No answer came from the API server: not reachable, broken, too slow, or its certificate is not trusted. */
export class UnreachableError extends Error {
  readonly context: string

  constructor(context: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : {cause})
    this.name = 'UnreachableError'
    this.context = context
  }
}
