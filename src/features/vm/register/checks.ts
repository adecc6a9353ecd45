import {missingRights} from '../../../engine/kubernetes/access-rules.ts'
import {vmReachedInPlaintext} from './checks-ambient.ts'
import {controlPlaneChecks} from './checks-control-plane.ts'
import {workloadChecks} from './checks-workload.ts'
import type {VmCheck} from './subject.ts'

const rights: VmCheck = {
  id: 'rights',
  about: 'you have the required permissions',
  run: ({denied}) => missingRights(denied),
}

/** The preflight of `mesh vm register`. Nothing is written if a check finds an error. */
export const vmChecks: readonly VmCheck[] = [...controlPlaneChecks, ...workloadChecks, vmReachedInPlaintext, rights]
