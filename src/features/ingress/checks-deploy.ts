import {ambientChecks} from './checks-ambient.ts'
import {injectionChecks} from './checks-injection.ts'
import {labelUnique, nameFree} from './checks-name.ts'
import {nodeChecks} from './checks-nodes.ts'
import type {IngressCheck} from './checks-subject.ts'

/** The checks that run before a gateway is deployed, in the order of their findings. */
export const ingressDeployChecks: readonly IngressCheck[] = [
  ...injectionChecks,
  nameFree,
  ...nodeChecks,
  labelUnique,
  ...ambientChecks,
]
