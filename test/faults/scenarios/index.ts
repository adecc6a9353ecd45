import type {Scenario} from '../scenario.ts'
import {serviceExport} from './export.ts'
import {federate, gateways} from './federate.ts'
import {tenant} from './tenant.ts'
import {vm} from './vm.ts'

/** All scenarios. */
export const scenarios: readonly Scenario[] = [federate, gateways, serviceExport, tenant, vm]
