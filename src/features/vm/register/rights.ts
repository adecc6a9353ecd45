import {type Right, rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import {proofReads, rightsOfSet} from '../../../run/rights-of.ts'
import type {VmLocation} from '../facts.ts'
import {vmApplySet} from '../objects.ts'
import {sharedApplySet} from '../shared/objects.ts'

const istio = (...kinds: string[]) => kinds.map(kind => `${kind}.networking.istio.io`)

/** What a VM is made of in its namespace. */
export const vmMembers: readonly string[] = [
  ...istio('workloadgroups', 'workloadentries', 'serviceentries'),
  ...['secrets', 'serviceaccounts', 'services'],
]

/** The permissions of all commands for one VM: they read its objects, its control plane and its gateways. */
export function vmReads(namespace: string, systemNamespace: string): Right[] {
  return [
    ...rightsFor(['get'], ['customresourcedefinitions.apiextensions.k8s.io', 'namespaces']),
    ...rightsFor(['list'], [...vmMembers, ...istio('gateways')]),
    ...rightsFor(['get', 'list'], ['configmaps', 'secrets'], namespace),
    ...rightsFor(['list'], ['deployments.apps', ...istio('virtualservices')], systemNamespace),
    ...rightsFor(['get', 'list'], ['configmaps'], systemNamespace),
    ...rightsFor(['get'], ['services'], systemNamespace),
    ...proofReads,
  ]
}

/** All permissions to renew the token of a VM. */
export function vmRenewRights(namespace: string, systemNamespace: string): Right[] {
  return [...vmReads(namespace, systemNamespace), ...rightsFor(['create'], ['serviceaccounts/token'], namespace)]
}

/** All permissions to remove a VM. */
export function vmRemovalRights(vm: VmLocation): Right[] {
  const {namespace, systemNamespace} = vm
  return [
    ...vmReads(namespace, systemNamespace),
    ...rightsOfSet(vmApplySet(vm), {verbs: ['get', 'list', 'delete'], namespace}),
    ...rightsOfSet(sharedApplySet(vm), {verbs: ['get', 'delete'], namespace: systemNamespace}),
  ]
}

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

/**
 * All permissions to register a VM, those to read included.
 *
 * @param gateway the registration may create the gateway
 */
export function vmNeeds(namespace: string, systemNamespace: string, gateway: boolean): Right[] {
  const verbs = gateway ? ['get', 'create', 'patch'] : ['get']
  return [
    ...rightsOfSet(sharedApplySet({systemNamespace}), {verbs, namespace: systemNamespace}),
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
