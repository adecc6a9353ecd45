import {type Right, rightsFor} from '../../engine/kubernetes/access-rules.ts'
import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
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
    ...gatewayReads,
    ...rightsFor(['get', 'list'], ['secrets'], place.namespace),
    ...rightsOf(changes),
  ]
}

/** What finds the gateways of a cluster, their revisions and their Services. */
const gatewayReads: readonly Right[] = rightsFor(
  ['list'],
  [
    'deployments.apps',
    'daemonsets.apps',
    'gateways.networking.istio.io',
    'services',
    'pods',
    'namespaces',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  ],
)

/**
 * All permissions of `mesh ingress tls --list`.
 *
 * @param namespace of the gateways; undefined for all
 */
export function ingressTlsListRights(namespace: string | undefined): Right[] {
  return [
    ...gatewayReads,
    ...rightsFor(['list'], ['gateways.gateway.networking.k8s.io']),
    ...rightsFor(['get', 'list'], ['secrets'], namespace),
  ]
}

/**
 * All permissions of `mesh ingress tls --remove`.
 *
 * @param set of the host
 * @param namespace of the gateway; undefined if only the record contains it
 */
export function ingressTlsRemovalRights(set: ApplySet, namespace: string | undefined): Right[] {
  return rightsOfSet(set, {verbs: ['delete'], namespace: namespace ?? 'all'})
}

/** Version 0.1.0 stored the record in the namespace of the gateway. */
function rightsOfFormer({namespace}: Place): Right[] {
  return rightsFor(['get', 'list'], ['configmaps'], namespace)
}
