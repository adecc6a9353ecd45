import {revisioned} from '../../../istio/names.ts'
import {isDiscovered, type LabelSelector} from '../../../istio/selectors.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {Federation} from '../spec.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import {controlPlaneHints, installHints} from './install-hint.ts'
import type {FederationCheck} from './subject.ts'

/** The values of an unreadable mesh config count as not set, so the other checks would accept any. */
const meshConfig: FederationCheck = {
  id: 'mesh-config',
  about: 'the mesh configs are valid',
  lasting: {role: 'primary'},
  run: forEachMember(({context, controlPlane}, {spec}) => {
    if (!controlPlane || controlPlane.meshConfigProblems.length === 0) return undefined
    const name = revisioned('istio', controlPlane.revision)
    return {
      message: `ConfigMap ${name}: key mesh is not a valid mesh config: ${controlPlane.meshConfigProblems.join('; ')}`,
      hints: [
        `correct it first, until then istiod uses the last valid mesh config: kubectl ${contextFlags(context)} -n ${spec.systemNamespace} edit configmap ${name}`,
      ],
    }
  }),
}

const meshIds: FederationCheck = {
  id: 'mesh-id',
  about: 'all control planes have the same mesh ID',
  lasting: {role: 'primary'},
  run: forEachMember((member, {all, spec}) => {
    const expected = spec.meshId ?? all.find(({controlPlane}) => controlPlane?.meshId)?.controlPlane?.meshId
    if (!member.controlPlane || member.controlPlane.meshId === expected) return undefined
    return {
      message: `the mesh ID is ${member.controlPlane.meshId ?? 'not set'}; expected ${expected}`,
      hints: installHints(member, {...spec, meshId: expected}),
    }
  }),
}

/** A trust domain is part of every identity, so the hint adds aliases and never changes it. */
const trustDomains: FederationCheck = {
  id: 'trust-domain',
  about: 'all control planes accept the trust domains of all clusters',
  lasting: {role: 'primary'},
  run: forEachMember((member, {all, spec}) => {
    const {controlPlane} = member
    if (!controlPlane) return undefined
    const {trustDomain, trustDomainAliases, acceptedTrustDomains} = controlPlane
    const used = all.flatMap(other => other.controlPlane?.trustDomain ?? [])
    const missing = [...new Set([...(spec.trustDomain ? [spec.trustDomain] : []), ...used])].filter(
      domain => !acceptedTrustDomains.includes(domain),
    )
    if (missing.length === 0) return undefined
    const value = [...trustDomainAliases, ...missing]
    return {
      message: `the trust domain is ${trustDomain}; expected ${missing.join(', ')}, as the trust domain or in trustDomainAliases`,
      hints: controlPlaneHints(member, spec, [{path: 'meshConfig.trustDomainAliases', value}]),
    }
  }),
}

/** Proxies get their network from the injector, and endpoints from the label of the namespace: they must not differ. */
const networks: FederationCheck = {
  id: 'network',
  about: 'the proxies and endpoints of a cluster have the same network',
  lasting: {role: 'primary'},
  run: forEachMember((member, {spec, all}) => {
    if (!member.controlPlane) return undefined
    return spec.singleNetwork ? onSingleNetwork(member, all) : onOwnNetwork(member, spec)
  }),
}

function onSingleNetwork({controlPlane}: MeshMember, all: readonly MeshMember[]): MemberFinding | undefined {
  const first = firstControlPlane(all)
  const [found, expected] = [controlPlane?.network, first?.controlPlane?.network]
  if (found === expected) return undefined
  return {
    message: `proxies have ${networkText(found)}, but those in ${first?.cluster} have ${networkText(expected)}: --single-network requires one network`,
    hints: ['omit --single-network, or set the same values.global.network in all clusters'],
  }
}

function onOwnNetwork(member: MeshMember, spec: Federation): MemberFinding | undefined {
  const found = member.controlPlane?.network
  if (found === member.network) return undefined
  return {
    message: `proxies have ${networkText(found)}; expected ${member.network}`,
    hints: [
      ...installHints(member, spec),
      ...(found === undefined ? [] : [`or --network ${shellWord(`${member.context}=${found}`)}`]),
    ],
  }
}

/** In one network, istiod gives proxies the IP addresses of pods, and uses no gateway. */
const distinctNetworks: FederationCheck = {
  id: 'distinct-networks',
  about: 'each cluster has its own network',
  lasting: {},
  run: forEachMember((member, {all, spec}) => {
    const {network, context} = member
    if (spec.singleNetwork || network === '') return undefined
    const same = all.slice(0, all.indexOf(member)).find(other => other.network === network)
    const isRequested = [context, same?.context ?? ''].every(one => spec.network[one] !== undefined)
    if (!same || isRequested) return undefined
    return {
      level: 'warning',
      message: `the network is ${network}, as in ${same.cluster}: pods must reach the pod IPs of the other cluster directly, because istiod uses no gateway between them`,
      hints: [
        `if they cannot: --network ${shellWord(`${context}=NETWORK`)}, and the same values.global.network for istiod`,
        ...(all.every(other => other.network === network) ? ['if they can: --single-network'] : []),
      ],
    }
  }),
}

/**
 * An istiod applies its discoverySelectors to the namespaces of every cluster that it reads. The system namespace is no
 * exception: if it is not selected, istiod ignores the network label and the gateway in it (pkg/kube/namespace/filter.go).
 */
const discovered: FederationCheck = {
  id: 'system-namespace-discovered',
  about: 'istiods watch the system namespace',
  lasting: {},
  run: forEachMember((member, {all, spec}) => {
    if (spec.singleNetwork || !member.facts) return undefined
    const labels = {'kubernetes.io/metadata.name': spec.systemNamespace, ...member.facts.namespace?.metadata.labels}
    // In gateways mode, an istiod reads only its own cluster.
    const readers = spec.mode === 'gateways' ? [member] : all
    const blind = readers.filter(({controlPlane}) => !isDiscovered(controlPlane?.discoverySelectors ?? [], labels))
    const [first] = blind
    if (!first) return undefined
    const names = blind.map(({cluster}) => cluster).join(', ')
    const [wanted] = Object.entries(first.controlPlane!.discoverySelectors.find(hasLabels)?.matchLabels ?? {})
    const label = wanted?.join('=') ?? 'KEY=VALUE'
    return {
      message: `istiod of ${names} does not watch namespace ${spec.systemNamespace}, so it ignores the gateway there: the labels of the namespace match none of its discoverySelectors`,
      hints: [`kubectl ${contextFlags(member.context)} label namespace ${spec.systemNamespace} ${shellWord(label)}`],
    }
  }),
}

function hasLabels({matchLabels, matchExpressions = []}: LabelSelector): boolean {
  return Object.keys(matchLabels ?? {}).length === 1 && matchExpressions.length === 0
}

function firstControlPlane(all: readonly MeshMember[]): MeshMember | undefined {
  return all.find(({controlPlane}) => controlPlane)
}

function networkText(network: string | undefined): string {
  return network === undefined ? 'no network' : `the network ${network}`
}

/** Checks of the settings that all control planes of a mesh share, and of their networks. */
export const meshChecks: readonly FederationCheck[] = [
  meshConfig,
  meshIds,
  trustDomains,
  networks,
  distinctNetworks,
  discovered,
]
