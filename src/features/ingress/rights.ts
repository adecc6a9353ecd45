import {type Right, rightsFor} from '../../engine/kubernetes/access-rules.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import {rightsOf, rightsOfSet} from '../../run/rights-of.ts'
import {ingressApplySet} from './objects.ts'
import type {IngressDeploy} from './spec-deploy.ts'

type Place = Pick<IngressDeploy, 'name' | 'systemNamespace'> & {namespace: string}

/**
 * All permissions of `mesh ingress deploy`.
 *
 * @param changes what it applies
 */
export function ingressRights(place: Place, changes: readonly Change[]): Right[] {
  const {namespace, systemNamespace} = place
  return [
    ...rightsOfSet(ingressApplySet(place)),
    ...rightsOfFormer(place),
    ...rightsFor(['get'], ['namespaces']),
    ...rightsFor(['list'], ['mutatingwebhookconfigurations.admissionregistration.k8s.io', 'nodes', 'pods', 'services']),
    ...rightsFor(['list'], ['deployments.apps'], systemNamespace),
    ...rightsFor(['get'], ['configmaps'], systemNamespace),
    ...rightsFor(['get'], ['deployments.apps', 'daemonsets.apps'], namespace),
    ...rightsOf(changes),
  ]
}

/** All permissions of `mesh ingress remove`. */
export function ingressRemovalRights(place: Place): Right[] {
  const {namespace} = place
  return [
    ...rightsOfSet(ingressApplySet(place), {verbs: ['get', 'list', 'delete'], namespace}),
    ...rightsOfFormer(place),
    ...rightsFor(['list'], ['gateways.networking.istio.io']),
    ...rightsFor(['get'], ['services', 'deployments.apps', 'daemonsets.apps'], namespace),
  ]
}

/**
 * All permissions of `mesh ingress tls`, except those for its record.
 *
 * @param changes what it applies
 */
export function ingressTlsRights(place: Place, changes: readonly Change[]): Right[] {
  return [
    ...rightsOfSet(ingressApplySet(place)),
    ...rightsOfFormer(place),
    ...rightsFor(['list'], ['deployments.apps', 'daemonsets.apps', 'gateways.networking.istio.io']),
    ...rightsFor(['list'], ['services', 'pods', 'namespaces']),
    ...rightsFor(['list'], ['mutatingwebhookconfigurations.admissionregistration.k8s.io']),
    ...rightsFor(['get', 'list'], ['secrets'], place.namespace),
    ...rightsOf(changes),
  ]
}

/** Version 0.1.0 stored the record in the namespace of the gateway. */
function rightsOfFormer({namespace}: Place): Right[] {
  return rightsFor(['get', 'list'], ['configmaps'], namespace)
}
