import {gatewayNameLabel, networkLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Problem} from '../../errors.ts'
import {ambientGatewayClass} from '../../istio/ambient.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import {shellWord} from '../../text/shell-word.ts'
import {addressesOf} from '../gateway-services.ts'
import {isNodePort} from '../gateways/endpoints.ts'
import {podProblems} from '../gateways/problems.ts'
import type {MeshMember} from '../members.ts'

/** Annotation of a Gateway's infrastructure: the type of the Service that istiod creates (Istio 1.24–1.31). */
const serviceTypeAnnotation = 'networking.istio.io/service-type'

type Place = Pick<MeshMember, 'context' | 'network' | 'facts'>

interface GatewaySpec {
  gatewayClassName?: string
  listeners?: {protocol?: string; tls?: {mode?: string}}[]
}

interface GatewayStatus {
  addresses?: {type?: string; value?: string}[]
  conditions?: {type?: string; status?: string; message?: string; observedGeneration?: number}[]
}

/**
 * Returns the gateways of the Gateway API that the label of the network marks as those of a cluster's own network, with what makes
 * istiods of other clusters ignore them. Only those in the system namespace count, as in `trustedGatewaysOf`.
 */
export function ambientGatewaysOf({facts, network}: Place): KubernetesObject[] {
  const systemNamespace = facts?.namespace?.metadata.name
  return (facts?.ambient?.gateways ?? []).filter(
    ({metadata}) => metadata.labels?.[networkLabel] === network && metadata.namespace === systemNamespace,
  )
}

/** Returns the gateways for ambient mode that have the label of the network, but are in another namespace. */
export function outsideAmbientGateways({facts, network}: Place): KubernetesObject[] {
  const systemNamespace = facts?.namespace?.metadata.name
  return (facts?.ambient?.gateways ?? []).filter(
    gateway =>
      gateway.metadata.labels?.[networkLabel] === network &&
      gateway.metadata.namespace !== systemNamespace &&
      ignoredBecause(gateway).length === 0,
  )
}

/**
 * Returns why istiods of other clusters ignore a gateway, whatever its address. Empty if they do not (istiod 1.31,
 * pilot/pkg/serviceregistry/ambient/networks.go).
 */
export function ignoredBecause({spec}: KubernetesObject): string[] {
  const {gatewayClassName, listeners = []} = (spec ?? {}) as GatewaySpec
  if (gatewayClassName !== ambientGatewayClass)
    return [`its class is ${gatewayClassName ?? 'not set'}, not ${ambientGatewayClass}`]
  const own = listeners.filter(({protocol}) => protocol === 'HBONE')
  if (own.length === 0) return ['it has no listener with protocol HBONE']
  return own.some(({tls}) => tls?.mode === 'Terminate') ? [] : ['the TLS mode of its HBONE listener is not Terminate']
}

/**
 * Returns the addresses at which other clusters reach a gateway: those of its status, from which their istiods take them.
 *
 * Trap: until the load balancer has an address, istiod writes the ClusterIP of the Service to the status, and istiods of other
 * clusters use it. Only the condition `Programmed` distinguishes them (1.31; test/e2e/ambient/federate.test.ts).
 */
export function statusAddresses({status}: KubernetesObject): string[] {
  const {addresses = []} = (status ?? {}) as GatewayStatus
  if (conditionOf(status, 'Programmed')?.status === 'False') return []
  return addresses
    .filter(({type}) => type === 'IPAddress' || type === 'Hostname')
    .flatMap(({value}) => (value === undefined ? [] : [value]))
}

/** Returns whether the addresses in the status of a gateway are those of an earlier specification. */
export function isStatusOld({metadata, status}: KubernetesObject): boolean {
  const observed = conditionOf(status, 'Programmed')?.observedGeneration
  return observed !== undefined && observed < (metadata.generation ?? 0)
}

/**
 * Returns true if the Service of a gateway is as the gateway's specification requires, otherwise what it lacks.
 *
 * Trap: when a gateway's class was that of a waypoint, its Service is of type ClusterIP until istiod changes it. Until then, istiod
 * reports the new generation of the gateway as programmed, with the ClusterIP (1.31; test/e2e/ambient/federate.test.ts).
 */
export function serviceState(service: KubernetesObject | undefined): true | string {
  if (!service) return 'istiod has not created its Service yet'
  const {type = 'ClusterIP'} = (service.spec ?? {}) as {type?: string}
  if (type === 'LoadBalancer')
    return addressesOf(service).length > 0 || 'the load balancer has not assigned an address yet'
  const isRequested = service.metadata.annotations?.[serviceTypeAnnotation] === type
  return isRequested || isNodePort(service) || `istiod has not changed its Service from type ${type} yet`
}

/** Returns whether the status of a gateway has an address of its Service. A Service without addresses has them elsewhere. */
export function hasAddressOf(gateway: KubernetesObject, service: KubernetesObject): boolean {
  const addresses = addressesOf(service)
  return addresses.length === 0 || statusAddresses(gateway).some(address => addresses.includes(address))
}

function conditionOf(status: unknown, type: string) {
  return ((status ?? {}) as GatewayStatus).conditions?.find(condition => condition.type === type)
}

/**
 * Returns the gateways of a cluster that another owner created, and that istiods of other clusters use. Ours is then not created.
 */
export function foreignAmbientGateways(member: Place): KubernetesObject[] {
  const owns = member.facts?.ambient?.membership.owns
  return ambientGatewaysOf(member).filter(gateway => !owns?.(gateway) && ignoredBecause(gateway).length === 0)
}

/** Returns why other clusters cannot reach a gateway of ambient mode. Empty if they can. */
export function ambientGatewayProblems(gateway: KubernetesObject, {context}: Place): Problem[] {
  const {namespace, name} = gateway.metadata
  const text = `Gateway ${namespace}/${name}`
  const kubectl = `kubectl ${contextFlags(context)} -n ${shellWord(namespace ?? '')}`
  const resource = `gateways.gateway.networking.k8s.io ${shellWord(name)}`
  const ignored = ignoredBecause(gateway)
  if (ignored.length > 0)
    return ignored.map(reason => ({
      message: `istiods of the other clusters ignore ${text}: ${reason}`,
      hints: [`${kubectl} edit ${resource}`],
    }))
  if (statusAddresses(gateway).length > 0) return []
  return [
    {
      message: `${text} has no address, so ztunnels of other clusters cannot reach pods of this cluster${notProgrammed(gateway)}`,
      hints: [`${kubectl} describe ${resource}`],
    },
  ]
}

/** Returns why the pods of a gateway, which istiod creates, do not serve it. Empty if they do, or if they are not known. */
export function ambientPodProblems(
  {metadata}: KubernetesObject,
  member: Place,
): (Problem & {level: 'error' | 'warning'})[] {
  return (member.facts?.networkGateways ?? [])
    .filter(
      service =>
        service.metadata.namespace === metadata.namespace &&
        service.metadata.labels?.[gatewayNameLabel] === metadata.name,
    )
    .flatMap(service => podProblems(service, member))
}

/** What istiod reports about a gateway, or that no istiod reports anything. */
function notProgrammed({status}: KubernetesObject): string {
  if (conditionOf(status, 'Accepted')?.status !== 'True') return ': no istiod has accepted it'
  const programmed = conditionOf(status, 'Programmed')
  return programmed?.status === 'False' && programmed.message ? `: ${programmed.message}` : ''
}
