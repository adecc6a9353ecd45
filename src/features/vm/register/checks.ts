import {missingRights, type Right, rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import {controlPlaneChecks} from './checks-control-plane.ts'
import {workloadChecks} from './checks-workload.ts'
import {vmMembers, vmReads} from './rights.ts'
import type {VmCheck} from './subject.ts'

/** The permissions that a registration needs. */
export function vmRights(namespace: string, systemNamespace: string): Right[] {
  const networking = 'networking.istio.io'
  return [
    {verb: 'patch', group: networking, resource: 'workloadgroups', namespace},
    {verb: 'patch', group: networking, resource: 'workloadentries', namespace},
    {verb: 'patch', group: networking, resource: 'serviceentries', namespace},
    {verb: 'patch', group: '', resource: 'secrets', namespace},
    {verb: 'create', group: '', resource: 'serviceaccounts/token', namespace},
    {verb: 'patch', group: networking, resource: 'gateways', namespace: systemNamespace},
    {verb: 'patch', group: '', resource: 'configmaps', namespace: systemNamespace},
  ]
}

/** All permissions to register a VM, those to read included. */
export function vmNeeds(namespace: string, systemNamespace: string): Right[] {
  return [
    ...vmReads(namespace, systemNamespace),
    ...rightsFor(['patch'], ['namespaces']),
    ...rightsFor(['get', 'create', 'patch'], vmMembers, namespace),
    ...rightsFor(
      ['get', 'create', 'patch'],
      ['gateways.networking.istio.io', 'virtualservices.networking.istio.io', 'configmaps'],
      systemNamespace,
    ),
    ...vmRights(namespace, systemNamespace),
  ]
}

const rights: VmCheck = {
  id: 'rights',
  about: 'you have the required permissions',
  run: ({denied}) => missingRights(denied),
}

/** The preflight of `mesh vm register`. Nothing is written if a check finds an error. */
export const vmChecks: readonly VmCheck[] = [...controlPlaneChecks, ...workloadChecks, rights]
