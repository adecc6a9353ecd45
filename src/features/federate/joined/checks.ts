import {joinedAmbientChecks} from '../ambient/checks-joined.ts'
import type {FederationCheck} from '../preflight/subject.ts'
import {joinedCredentialChecks} from './checks-credentials.ts'
import {joinedGatewayChecks} from './checks-gateways.ts'

/**
 * The checks of what only a complete run can have set up: `mesh federate` makes them after the last write, and `federate
 * status` in addition to those of the preflight.
 */
export const joinedChecks: readonly FederationCheck[] = [
  ...joinedGatewayChecks,
  ...joinedAmbientChecks,
  ...joinedCredentialChecks,
]
