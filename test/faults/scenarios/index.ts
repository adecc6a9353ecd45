import type {Scenario} from '../scenario.ts'
import {caRenew, caRotate} from './ca.ts'
import {serviceExport} from './export.ts'
import {federate, gateways, remove, removeLost, rotate, rotateBundled} from './federate.ts'
import {tenant} from './tenant.ts'
import {vm} from './vm.ts'

/** All scenarios. */
export const scenarios: readonly Scenario[] = [
  federate,
  gateways,
  remove,
  removeLost,
  rotate,
  rotateBundled,
  caRotate,
  caRenew,
  serviceExport,
  tenant,
  vm,
]
