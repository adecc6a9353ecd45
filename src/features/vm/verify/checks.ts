import {connectionChecks} from './checks-connection.ts'
import {certificate, controlPlaneChecks} from './checks-control-plane.ts'
import {hostChecks} from './checks-hosts.ts'
import {isRegistered, type VerifyCheck, type VmVerifySubject} from './subject.ts'

/**
 * The checks of `mesh vm verify` that apply, in the order in which a VM joins. Without a registration nothing can be connected
 * or selected. Without a connection there is no certificate to check.
 */
export function checksFor(subject: VmVerifySubject): readonly VerifyCheck[] {
  const checks = isRegistered(subject)
    ? [...controlPlaneChecks, ...connectionChecks, ...hostChecks]
    : controlPlaneChecks
  return subject.gateway?.tls.reached ? checks : checks.filter(check => check !== certificate)
}
