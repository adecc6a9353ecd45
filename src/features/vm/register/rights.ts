import {type Right, rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import {proofReads, rightsOfSet} from '../../../run/rights-of.ts'
import type {VmLocation} from '../facts.ts'
import {vmApplySet} from '../objects.ts'

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
  ]
}
