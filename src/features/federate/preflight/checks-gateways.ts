import {isDeepStrictEqual} from 'node:util'
import {managedValueHint} from '../../../control-plane/value-hints.ts'
import {gatewayNameLabel, networkLabel} from '../../../engine/kubernetes/labels.ts'
import {creatorOf, managerOf} from '../../../engine/kubernetes/manager.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {exposedHosts} from '../../../istio/exposed-hosts.ts'
import {type FederationFacts, isCreated} from '../../../mesh/facts.ts'
import {gatewaysInto, isTrustedGateway, untrustedGatewayText} from '../../../mesh/gateway-services.ts'
import {gatewayNameOf} from '../../../mesh/gateways/spec.ts'
import {podSelectorOf} from '../../../mesh/objects-gateway.ts'
import {primaryAmong} from '../../../mesh/primary-remote.ts'
import {passthroughHosts} from '../../../mesh/services/gateway-hosts.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {needsGateway} from '../objects-members.ts'
import type {Federation} from '../spec.ts'
import {forEachMember} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

/** istiod uses every Service with the label, in whatever namespace it is. Here it counts only if it is named. */
const outsideSystem: FederationCheck = {
  id: 'gateway-namespace',
  about: 'gateways are in the system namespace, or named',
  lasting: {},
  run: forEachMember((member, {spec: {systemNamespace}}) =>
    gatewaysInto(member)
      .filter(service => !isTrustedGateway(service, {systemNamespace, namedGateways: member.namedGateways}))
      .map(service => {
        const {namespace = '', name} = service.metadata
        return {
          level: 'warning',
          message: `${untrustedGatewayText(service, member.network)}. istiods of the other clusters still send traffic to its address`,
          hints: [
            `to use it: kubectl mesh federate with --gateway ${shellWord(`${member.context}=existing=${namespace}/${name}`)}`,
            `if it is no gateway of the mesh: kubectl ${contextFlags(member.context)} -n ${shellWord(namespace)} label service ${shellWord(name)} ${shellWord(`${networkLabel}-`)}`,
          ],
        }
      }),
  ),
}

/** Our gateway is not created if another one is named, so that one must exist. */
const namedExist: FederationCheck = {
  id: 'gateway-named',
  about: 'named gateways lead into the network of the cluster',
  lasting: {},
  run: forEachMember(member => {
    if (!member.facts) return undefined
    const found = gatewaysInto(member).map(({metadata: {namespace, name}}) => `${namespace}/${name}`)
    return (member.namedGateways ?? [])
      .filter(name => !found.includes(name))
      .map(name => ({
        message: `${name} is no gateway of network ${member.network}: no Service of this name has the port for mTLS (15443, unless a label sets another) and the label ${networkLabel}=${member.network}`,
        hints: [
          `kubectl ${contextFlags(member.context)} get services -A -l ${networkLabel} --show-labels`,
          'to remove all settings of gateways: --reset gateway',
        ],
      }))
  }),
}

/** Versions up to 0.1.0 wrote hosts with a namespace, which restrict nothing: see `exposedHost`. */
const exposedNamespaces: FederationCheck = {
  id: 'exposed-namespaces',
  about: 'hosts of the cross-network Gateway restrict what other clusters reach',
  lasting: {},
  run: forEachMember(({facts}, {spec}) => {
    if (!facts?.exposure) return undefined
    const {namespace, name} = facts.exposure.metadata
    const ignored = passthroughHosts(facts.exposure).filter(host => host.includes('/'))
    if (ignored.length === 0) return undefined
    const hosts = exposedHosts(ignored, spec).join(', ')
    return {
      level: 'warning',
      message: `Gateway ${namespace}/${name} has the hosts ${ignored.join(', ')}: istiod ignores their namespaces, so the other clusters reach Services of all namespaces`,
      hints: [
        `kubectl mesh federate writes ${hosts === '' ? 'the hosts of --expose' : `${hosts} instead`}; other Services that the other clusters use must be added to --expose`,
      ],
    }
  }),
}

/**
 * istiod creates gateways of the Gateway API with the name of the Gateway, also the east-west gateways of ambient meshes. A
 * Deployment's selector is immutable, so ours cannot have the same name.
 */
const gatewayNameFree: FederationCheck = {
  id: 'gateway-name',
  about: 'no gateway of the Gateway API has the name of the east-west gateway',
  run: forEachMember(({facts, context}, {spec}) => {
    const name = gatewayNameOf(spec, context)
    const other = [...(facts?.gatewayDeployments ?? []), ...(facts?.networkGateways ?? [])].find(
      ({metadata}) =>
        metadata.name === name &&
        metadata.namespace === spec.systemNamespace &&
        metadata.labels?.[gatewayNameLabel] !== undefined,
    )
    if (!other) return undefined
    return {
      message: `${other.kind} ${spec.systemNamespace}/${name} belongs to Gateway ${other.metadata.labels![gatewayNameLabel]} of the Gateway API; the east-west gateway for sidecars needs another name`,
      hints: [`--gateway ${shellWord(`${context}=name=istio-crossnetworkgateway`)}`],
    }
  }),
}

/** Helm's chart istio/gateway adds the label of the network only with its value `networkGateway` (1.24–1.31). */
const gatewayLabel: FederationCheck = {
  id: 'gateway-label',
  about: 'a gateway that another tool manages has the label of the network',
  run: forEachMember((member, {spec}) => {
    const {facts, context, network} = member
    const name = gatewayNameOf(spec, context)
    const other = facts?.otherDeployments?.find(({metadata}) => metadata.name === name)
    if (!other || spec.singleNetwork || !managedByOther(other)) return undefined
    const manager = managerOf(other)
    const target = {context, manager, systemNamespace: spec.systemNamespace, revision: undefined, version: undefined}
    const value = {path: 'networkGateway', value: network}
    return {
      message: `${manager?.name ?? other.metadata.labels!['app.kubernetes.io/managed-by']} manages the gateway ${spec.systemNamespace}/${name}, whose Service has no label ${networkLabel}=${network}`,
      hints: [
        manager
          ? managedValueHint(manager, [value], {...target, chart: 'istio/gateway'})
          : `kubectl ${contextFlags(context)} -n ${shellWord(spec.systemNamespace)} label service ${shellWord(name)} ${shellWord(`${networkLabel}=${network}`)}`,
        `to create another gateway beside it: --gateway ${shellWord(`${context}=name=istio-crossnetworkgateway`)}`,
      ],
    }
  }),
}

/** Whether another tool manages an object, by its marks or by the label that tools set on what they create. */
function managedByOther(object: KubernetesObject): boolean {
  const label = object.metadata.labels?.['app.kubernetes.io/managed-by']
  return managerOf(object) !== undefined || (label !== undefined && label !== 'kubectl-mesh')
}

/** Another owner's Deployment cannot become ours if its selector differs, because the selector is immutable. */
const gatewaySelector: FederationCheck = {
  id: 'gateway-selector',
  about: 'no Deployment of another owner has the name of the east-west gateway',
  run: forEachMember((member, {spec, all}) => {
    const {facts, context, network} = member
    if (!facts || !needsGateway(member, all) || (spec.singleNetwork && member !== primaryAmong(all))) return undefined
    const name = gatewayNameOf(spec, context)
    const other = [...facts.gatewayDeployments, ...(facts.otherDeployments ?? [])].find(
      ({metadata}) => metadata.name === name && metadata.namespace === spec.systemNamespace,
    )
    if (!other || isCreated(other, facts) || hasOwnCheck(other, facts, spec)) return undefined
    const {selector} = other.spec as {selector?: {matchLabels?: Record<string, string>}}
    if (isDeepStrictEqual(selector, {matchLabels: podSelectorOf(name)})) return undefined
    const place = `${spec.systemNamespace}/${name}`
    return {
      message: `Deployment ${place} already exists, created by ${creatorOf(other)}, and its pod selector differs from that of the east-west gateway`,
      hints: [
        `to create the gateway beside it: --gateway ${shellWord(`${context}=name=istio-crossnetworkgateway`)}`,
        `if it is an east-west gateway, label its Service ${networkLabel}=${network}, and add --gateway ${shellWord(`${context}=existing=${place}`)}`,
      ],
    }
  }),
}

/** Gateways of the Gateway API and of Helm's chart have checks with more exact hints. */
function hasOwnCheck(deployment: KubernetesObject, facts: FederationFacts, {singleNetwork}: Federation): boolean {
  if (deployment.metadata.labels?.[gatewayNameLabel] !== undefined) return true
  const isUnlabelled = facts.otherDeployments?.includes(deployment) ?? false
  return isUnlabelled && !singleNetwork && managedByOther(deployment)
}

/** Checks of Services that count as gateways, and of what they expose. */
export const gatewayChecks: readonly FederationCheck[] = [
  outsideSystem,
  namedExist,
  exposedNamespaces,
  gatewayNameFree,
  gatewaySelector,
  gatewayLabel,
]
