import type {HelmValue} from '../../../control-plane/value-hints.ts'
import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import {ambientGatewayClass, globalServiceLabel} from '../../../istio/ambient.ts'
import {resolveRevision} from '../../../istio/injection.ts'
import {ambientSupportOf} from '../../../istio/versions.ts'
import {ambientGatewaysOf, ignoredBecause, outsideAmbientGateways} from '../../../mesh/ambient/gateways.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {forEachMember, type MemberFinding} from '../preflight/for-each.ts'
import {alternatively, controlPlaneHints} from '../preflight/install-hint.ts'
import type {FederationCheck} from '../preflight/subject.ts'
import type {Federation} from '../spec.ts'
import {mixed, shareFirst, sidecarsShareGlobal} from './checks-sidecars.ts'
import {servesAmbient} from './spec.ts'

type Inspect = (member: MeshMember, spec: Federation) => MemberFinding | readonly MemberFinding[] | undefined

/** A check of clusters that get a gateway of ambient mode. It also holds after they have joined. */
function ambientCheck(id: string, about: string, inspect: Inspect): FederationCheck {
  return {
    id,
    about,
    lasting: {ambient: true},
    run: forEachMember((member, {spec}) =>
      servesAmbient(spec) && member.facts !== undefined && member.controlPlane !== undefined
        ? inspect(member, spec)
        : undefined,
    ),
  }
}

/** A variable of istiod. Its value is a text. */
const variable = (name: string): HelmValue => ({path: `pilot.env.${name}`, value: 'true'})

/** What Istio's profile `ambient` sets (manifests/helm-profiles/ambient.yaml, 1.31). */
const globalScope: HelmValue = {
  path: 'meshConfig.serviceScopeConfigs',
  value: [
    {
      servicesSelector: {matchExpressions: [{key: globalServiceLabel, operator: 'In', values: ['true']}]},
      scope: 'GLOBAL',
    },
  ],
}

/** `istioctl --set` cannot set the text `true` in a list: it becomes a truth value, which istioctl rejects (1.31). */
const ambientProfile: HelmValue = {path: 'profile', value: 'ambient'}

const istiodSettings = ambientCheck(
  'ambient-istiod',
  'istiod serves pods in ambient mode in several networks',
  (member, spec) => {
    const {ambient} = member.controlPlane!
    const missing = [
      ...(ambient ? [] : ['PILOT_ENABLE_AMBIENT']),
      ...(ambient?.multiNetwork ? [] : ['AMBIENT_ENABLE_MULTI_NETWORK']),
    ]
    if (missing.length === 0) return undefined
    return {
      message: `istiod has no ${missing.map(name => `${name}=true`).join(' and ')}: it ${ambient ? 'sends ztunnel nothing about other networks' : 'does not serve pods in ambient mode'}`,
      hints: [
        ...(spec.dataPlane === 'both' ? [shareFirst] : []),
        ...controlPlaneHints(member, spec, missing.map(variable)),
        ...alternatively(['to join only pods with a sidecar: --data-plane sidecar']),
      ],
    }
  },
)

const serviceScope = ambientCheck('ambient-scope', 'the mesh config makes Services global', (member, spec) => {
  const {ambient} = member.controlPlane!
  if (!ambient || ambient.sharesServices) return undefined
  return {
    message: `the mesh config has no serviceScopeConfigs with scope GLOBAL, so the label ${globalServiceLabel} has no effect and no Service is shared with other clusters`,
    hints: controlPlaneHints(member, spec, [member.controlPlane!.manager ? globalScope : ambientProfile]),
  }
})

const gatewayApi = ambientCheck('ambient-gateway-class', 'istiod can create the gateway', (member, spec) => {
  const {context, facts, controlPlane, rendered} = member
  const {ambient} = facts!
  if (!ambient) return undefined
  const kubectl = `kubectl ${contextFlags(context)}`
  if (!ambient.hasGatewayApi)
    return {
      message: 'the CustomResourceDefinitions of the Gateway API are missing',
      hints: [
        `${kubectl} apply --server-side -f FILE with standard-install.yaml of a release of github.com/kubernetes-sigs/gateway-api`,
      ],
    }
  // It is reported that such an istiod has to be configured first, or this run starts one.
  if (ambient.classes.has(ambientGatewayClass) || rendered || !controlPlane!.ambient?.multiNetwork) return undefined
  return {
    message: `GatewayClass ${ambientGatewayClass} is missing: istiod creates it when it starts with AMBIENT_ENABLE_MULTI_NETWORK=true`,
    hints: [
      `${kubectl} -n ${shellWord(spec.systemNamespace)} rollout restart deployment -l app=istiod`,
      `${kubectl} get gatewayclasses`,
    ],
  }
})

const ztunnel = ambientCheck('ambient-ztunnel', 'ztunnel has the names of the cluster and its network', member => {
  const {facts, cluster, network, rendered} = member
  // What this run renders has the names.
  if (!facts!.ambient || rendered) return undefined
  const {ztunnels} = facts!.ambient
  if (ztunnels.length === 0)
    return {
      message: 'no DaemonSet runs ztunnel: pods in ambient mode have no data plane',
      hints: [`install ztunnel with ${ztunnelValues(member)}`, 'or: --data-plane sidecar'],
    }
  return ztunnels.flatMap((one): MemberFinding[] => {
    const wrong = [
      ...(one.network === network ? [] : [`network ${one.network ?? '(none)'}; expected ${network}`]),
      // Its default is the default of istiod.
      ...((one.cluster ?? 'Kubernetes') === cluster ? [] : [`cluster ${one.cluster ?? '(none)'}; expected ${cluster}`]),
    ]
    if (wrong.length === 0) return []
    return [
      {
        message: `DaemonSet ${one.name} has ${wrong.join(' and ')}: it treats local pods as remote, or remote pods as local`,
        hints: [`set ${ztunnelValues(member)} in the values of ztunnel`],
      },
    ]
  })
})

function ztunnelValues({cluster, network}: MeshMember): string {
  return `network=${network} and multiCluster.clusterName=${cluster}`
}

const version = ambientCheck(
  'ambient-version',
  'the version of Istio supports ambient mode in several networks',
  member => {
    const {version: found} = member.controlPlane!
    switch (ambientSupportOf(found)) {
      case 'none':
        return {
          message: `Istio ${found} does not support ambient mode in several networks; expected 1.29 or newer`,
          hints: ['upgrade Istio in this cluster first, or use --data-plane sidecar'],
        }
      case 'alpha':
        return {
          level: 'warning',
          message: `ambient mode in several networks is alpha in Istio ${found}; it is beta since 1.29`,
          hints: ['upgrade Istio in this cluster'],
        }
      case 'leaks':
        return {
          level: 'warning',
          message: `istiod ${found} leaks memory in ambient mode when remote Secrets change (istio#60033)`,
          hints: ['upgrade Istio to 1.30.4, 1.31.1 or newer'],
        }
      default:
        return undefined
    }
  },
)

/** istiod uses only the first one of a network, and up to 1.31.0 a random one (istio#56960). */
const oneGateway = ambientCheck('ambient-one-gateway', 'the network has one gateway for ambient mode', member => {
  const all = [...ambientGatewaysOf(member), ...outsideAmbientGateways(member)].filter(
    gateway => ignoredBecause(gateway).length === 0,
  )
  if (all.length < 2) return undefined
  const names = all.map(({metadata: {namespace, name}}) => `${namespace}/${name}`)
  return {
    level: 'warning',
    message: `network ${member.network} has the gateways ${names.join(', ')}; istiods of the other clusters use only one of them`,
    hints: [
      `kubectl ${contextFlags(member.context)} delete gateways.gateway.networking.k8s.io -n NAMESPACE NAME, for all but one`,
    ],
  }
})

/** Without a label, istiod without a revision creates the pods of a gateway, or that of the tag `default` (istio#56767). */
const gatewayRevision = ambientCheck(
  'ambient-gateway-revision',
  'an istiod of the cluster serves the gateway',
  member => {
    const {context, facts} = member
    const {injectors = []} = facts?.ambient ?? {}
    return ambientGatewaysOf(member).flatMap(({metadata}): MemberFinding[] => {
      const {namespace = '', name, labels} = metadata
      const revision = resolveRevision(labels?.[revisionLabel], injectors) ?? 'default'
      const known = facts!.controlPlanes.map(one => one.revision)
      if (known.includes(revision)) return []
      const has =
        labels?.[revisionLabel] === undefined ? 'no label' : `the label ${revisionLabel}=${labels[revisionLabel]}`
      const expected = shellWord(`${revisionLabel}=${member.revision ?? known[0] ?? 'REVISION'}`)
      return [
        {
          level: 'warning',
          message: `Gateway ${namespace}/${name} has ${has}, and no istiod has the revision ${revision}: nothing creates its pods or updates its address`,
          hints: [
            `kubectl ${contextFlags(context)} -n ${shellWord(namespace)} label --overwrite gateways.gateway.networking.k8s.io ${shellWord(name)} ${expected}`,
          ],
        },
      ]
    })
  },
)

/** Without a gateway for ambient mode, other clusters cannot reach pods that leave sidecars behind. */
const unserved: FederationCheck = {
  id: 'ambient-unserved',
  about: 'pods in ambient mode have a gateway',
  run: forEachMember(({facts, controlPlane}, {spec}) => {
    const isUnserved = !servesAmbient(spec) && spec.mode === 'multi-primary' && !spec.singleNetwork
    if (!isUnserved || !controlPlane?.ambient || (facts?.ambient?.ztunnels.length ?? 0) === 0) return undefined
    return {
      level: 'warning',
      message: 'ztunnel runs here, but pods in ambient mode cannot reach other clusters or be reached from them',
      hints: ['for pods in ambient mode beside those with a sidecar: --data-plane both'],
    }
  }),
}

/** The preflight checks of ambient mode. */
export const ambientChecks: readonly FederationCheck[] = [
  istiodSettings,
  serviceScope,
  gatewayApi,
  ztunnel,
  version,
  oneGateway,
  gatewayRevision,
  sidecarsShareGlobal,
  unserved,
  mixed,
]
