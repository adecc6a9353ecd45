import {controlPlaneExists, meshConfigReadable} from '../../control-plane/checks.ts'
import type {Right} from '../../engine/cluster/rights.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Check} from '../../findings/check.ts'
import {minorOf} from '../../istio/control-plane.ts'
import {portSpeaksGrpc, serviceDiscovered, serviceKnown, serviceMtls, serviceReady} from './checks-service.ts'
import {policySpecOf, reaches, refusedFields} from './istio.ts'
import {buildPolicy, type ResolvedTarget} from './objects.ts'
import {type AuthzFacts, holdersOfAuthorizer, isOfAuthorizer, podsOf, podsOfTarget} from './read.ts'
import type {NamedAuthz} from './spec.ts'

/** What an attach is checked with. */
export interface AttachSubject {
  spec: NamedAuthz
  facts: AuthzFacts
  /** The service's host in full. */
  host: string
  target: ResolvedTarget
  /** Rights that we lack. */
  denied: readonly Right[]
}

type AttachCheck = Check<AttachSubject>

/** What an attach may write. */
export function authzRights(spec: NamedAuthz, target: ResolvedTarget): Right[] {
  const policy = {
    verb: 'patch',
    group: 'security.istio.io',
    resource: 'authorizationpolicies',
    namespace: target.namespace,
  }
  const filter = {verb: 'patch', group: 'networking.istio.io', resource: 'envoyfilters', namespace: target.namespace}
  const config = {verb: 'patch', group: '', resource: 'configmaps', namespace: spec.systemNamespace}
  return [config, spec.via === 'envoy-filter' ? filter : policy]
}

const rights: AttachCheck = {
  id: 'rights',
  about: 'you may write what is to be written',
  run: ({denied}) =>
    denied.map(({verb, group, resource, namespace}) => ({
      message: `you may not ${verb} ${resource}${group ? `.${group}` : ''} in ${namespace}`,
      hints: [`kubectl auth can-i ${verb} ${resource}${group ? `.${group}` : ''} -n ${namespace}`],
    })),
}

/** Sail's operator writes the ConfigMap anew from its resource. */
const notManaged: AttachCheck = {
  id: 'managed',
  about: 'nobody else writes the mesh config',
  run: ({spec, facts}) => {
    const owner = facts.plane.meshMap?.metadata.ownerReferences?.find(({apiVersion}) =>
      apiVersion.startsWith('sailoperator.io/'),
    )
    return owner && spec.via === 'mesh-config'
      ? [
          {
            message: `the mesh config belongs to ${owner.kind} ${owner.name} of the Sail operator, which would write over it`,
            hints: ['--via sail'],
          },
        ]
      : []
  },
}

const sharedConfig: AttachCheck = {
  id: 'shared-config',
  about: 'istiod reads a shared mesh config',
  run: ({spec, facts}) =>
    spec.via === 'shared-config' && !facts.plane.shared && facts.plane.plane
      ? [
          {
            message: 'istiod reads no shared mesh config: its env SHARED_MESH_CONFIG is not set',
            hints: ['Helm or istioctl: --set pilot.env.SHARED_MESH_CONFIG=istio-shared, then this again'],
          },
        ]
      : [],
}

const nameFree: AttachCheck = {
  id: 'name',
  about: 'the name is free, or this authorizer has it',
  run: ({spec, facts, target}) => {
    const isOther = facts.providerNames.includes(spec.name) && !facts.providers.some(({name}) => name === spec.name)
    const policy = facts.allPolicies.find(
      ({metadata}) => metadata.name === spec.name && metadata.namespace === target.namespace,
    )
    const foreign = policy && !isOfAuthorizer(policy, spec) && (policySpecOf(policy).action ?? 'ALLOW') !== 'CUSTOM'
    return [
      ...(isOther
        ? [{message: `the mesh config has a provider ${spec.name} that is no authorizer`, hints: ['take another name']}]
        : []),
      ...(foreign && spec.via !== 'envoy-filter'
        ? [
            {
              message: `AuthorizationPolicy ${target.namespace}/${spec.name} is there and asks no authorizer`,
              hints: ['take another name'],
            },
          ]
        : []),
    ]
  },
}

/** istiod denies every request to a workload with two providers, unless it was told to take them (1.30 on). */
const oneProvider: AttachCheck = {
  id: 'one-provider',
  about: 'no other authorizer stands in front of the same workloads',
  run: subject => {
    if (takesSeveral(subject.facts) || subject.spec.via === 'envoy-filter') return []
    return othersOnTarget(subject).map(policy => ({
      message: `AuthorizationPolicy ${policy.metadata.namespace}/${policy.metadata.name} sends the same workloads to provider ${policySpecOf(policy).provider?.name}: istiod would deny all requests`,
      hints: [
        'detach it first, or with Istio 1.30 or newer set PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS=true on istiod',
      ],
    }))
  },
}

/** Whether istiod takes several providers for one workload. */
export function takesSeveral({plane}: AuthzFacts): boolean {
  return (
    (minorOf(plane.plane?.version) ?? 0) >= 1030 && plane.env.PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS === 'true'
  )
}

/** Policies with another provider that reach the target's pods; without pods, those that say the same of themselves. */
function othersOnTarget({spec, facts, target}: AttachSubject): KubernetesObject[] {
  const rootNamespace = facts.mesh.rootNamespace ?? spec.systemNamespace
  const pods = podsOfTarget(target, facts)
  const stand: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name: '', namespace: target.namespace, labels: target.labels},
  }
  return facts.policies.filter(
    policy =>
      policySpecOf(policy).provider?.name !== spec.name &&
      (pods.length > 0 ? pods : [stand]).some(pod => reaches(policy, pod, rootNamespace)),
  )
}

/** Fields of a policy that is there already count too, and istiod refuses the whole policy for one of them. */
const fieldsAllowed: AttachCheck = {
  id: 'fields',
  about: "the policy has no fields that an authorizer's policy must not have",
  run: ({spec, facts, host, target}) => {
    const live = facts.allPolicies.find(
      ({metadata}) => metadata.name === spec.name && metadata.namespace === target.namespace,
    )
    const wanted = buildPolicy({cluster: '', spec, host, target}).object
    return [...new Set([wanted, ...(live ? [live] : [])].flatMap(refusedFields))].map(field => ({
      message: `AuthorizationPolicy ${target.namespace}/${spec.name}: ${field} can't be used with an authorizer`,
      hints: ['who calls is not known before the authorizer is asked; put that into a policy of its own'],
    }))
  },
}

const policyUsers: AttachCheck = {
  id: 'users',
  about: 'nobody else uses a provider that changes',
  run: ({spec, facts, host}) => {
    const live = facts.providers.find(({name}) => name === spec.name)
    const same = live && live.service === host && live.port === spec.service.port && live.type === spec.type
    const users = facts.policies.filter(
      policy => policySpecOf(policy).provider?.name === spec.name && !isOfAuthorizer(policy, spec),
    )
    return !live || same || users.length === 0
      ? []
      : users.map(({metadata}) => ({
          level: 'warning' as const,
          message: `AuthorizationPolicy ${metadata.namespace}/${metadata.name} uses provider ${spec.name} too, which now leads to ${live.service}:${live.port}`,
        }))
  },
}

const targetRuns: AttachCheck = {
  id: 'target',
  about: 'there are workloads in front of which it stands',
  run: ({target, facts}) =>
    podsOfTarget(target, facts).length > 0
      ? []
      : [
          {
            level: 'warning',
            message: `no pod in ${target.namespace} has ${labelsText(target)} yet`,
            hints: [`kubectl -n ${target.namespace} get pods --show-labels`],
          },
        ],
}

function labelsText({labels, gateway}: ResolvedTarget): string {
  if (gateway !== undefined) return `gateway.networking.k8s.io/gateway-name=${gateway}`
  return (
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',') || 'any labels'
  )
}

/** Its own proxy would ask it about the request that asks it. */
const notItself: AttachCheck = {
  id: 'itself',
  about: 'it does not stand in front of itself',
  run: subject => {
    const {facts, host, spec, target} = subject
    const [holder] = holdersOfAuthorizer(host, facts, spec.clusterDomain)
    const own = holder?.kind === 'Service' ? podsOf(holder, facts) : []
    const both = podsOfTarget(target, facts).filter(pod => own.includes(pod))
    return both.length === 0
      ? []
      : [
          {
            message: `${both.length} of the workloads ${both.length === 1 ? 'is' : 'are'} the authorizer itself, which would be asked about every request to it`,
            hints: ['-l with labels that it does not have, or --to workload/NAME'],
          },
        ]
  },
}

const envoyFilter: AttachCheck = {
  id: 'envoy-filter',
  about: 'a policy asks the authorizer, not an EnvoyFilter',
  run: ({spec}) =>
    spec.via === 'envoy-filter'
      ? [
          {
            level: 'warning',
            message:
              "an EnvoyFilter holds on to Envoy's inner names, which may change with an upgrade, and is asked for every request",
            hints: ['--via mesh-config'],
          },
        ]
      : [],
}

/** All checks before an authorizer is attached. */
export const attachChecks: readonly AttachCheck[] = [
  {...controlPlaneExists, run: ({spec, facts}) => controlPlaneExists.run({spec, plane: facts.plane})},
  {...meshConfigReadable, run: ({spec, facts}) => meshConfigReadable.run({spec, plane: facts.plane})},
  rights,
  notManaged,
  sharedConfig,
  ...[serviceKnown, serviceDiscovered, portSpeaksGrpc, serviceMtls].map(check => ({
    ...check,
    run: (subject: AttachSubject) => check.run(serviceOf(subject)),
  })),
  {
    ...serviceReady,
    run: subject => serviceReady.run(serviceOf(subject)).map(trouble => ({...trouble, level: 'warning' as const})),
  },
  nameFree,
  oneProvider,
  fieldsAllowed,
  policyUsers,
  targetRuns,
  notItself,
  envoyFilter,
]

function serviceOf({spec, facts, host}: AttachSubject) {
  const service = {host, port: spec.service.port, type: spec.type}
  return {facts, clusterDomain: spec.clusterDomain, service}
}
