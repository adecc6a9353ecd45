import {joinedChecks} from '../joined/checks.ts'
import {federationChecks} from '../preflight/checks.ts'
import type {FederationCheck} from '../preflight/subject.ts'

/** The checks of `federate status` that a subject of the preflight suffices for. */
export const subjectChecks: readonly FederationCheck[] = [
  ...federationChecks.filter(({beforeWrite}) => !beforeWrite),
  ...joinedChecks,
]

/** All checks of `federate status`, as reports list them. */
export const statusChecks: readonly {id: string; about: string}[] = [
  {id: 'lost-cluster', about: 'no cluster refers to a cluster that does not answer'},
  {id: 'credential', about: 'istiods accept the credentials that clusters hold'},
  ...subjectChecks.map(({id, about}) => ({id, about})),
]
