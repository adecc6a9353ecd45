import {controlPlaneExists, meshConfigReadable} from '../../control-plane/checks.ts'
import type {Check, Finding} from '../../findings/check.ts'
import {minorOf} from '../../istio/control-plane.ts'
import {dnsLabel} from '../../spec/texts.ts'
import {takesSeveral} from './checks-attach.ts'
import {portSpeaksGrpc, serviceDiscovered, serviceKnown, serviceMtls, serviceReady} from './checks-service.ts'
import {type ExtAuthz, policySpecOf, reaches, refusedFields} from './istio.ts'
import {type AuthzFacts, isOfAuthorizer} from './read.ts'

/** What an authorizer is verified with. */
export interface VerifySubject {
  spec: {name: string; systemNamespace: string; revision: string | undefined; clusterDomain: string}
  facts: AuthzFacts
  /** Undefined: the mesh config has no provider of this name. */
  provider: ExtAuthz | undefined
}

type VerifyCheck = Check<VerifySubject>

function filtersOf({facts, spec}: VerifySubject) {
  return facts.filters.filter(filter => isOfAuthorizer(filter, spec))
}

function policiesOf({facts, spec}: VerifySubject) {
  return facts.policies.filter(policy => policySpecOf(policy).provider?.name === spec.name)
}

const providerThere: VerifyCheck = {
  id: 'provider',
  about: 'the provider is in the mesh config',
  run: subject => {
    if (subject.provider || filtersOf(subject).length > 0) return []
    const {spec, facts} = subject
    const others = facts.providers.map(({name}) => name)
    const consequence = policiesOf(subject).length > 0 ? ': its policies deny every request' : ''
    return [
      {
        message: `the mesh config has no authorizer ${spec.name}${consequence}`,
        hints: [others.length > 0 ? `it has ${others.join(', ')}` : `kubectl mesh authz attach ${spec.name} …`],
      },
    ]
  },
}

const nameAllowed: VerifyCheck = {
  id: 'name',
  about: 'Istio takes its name',
  run: ({spec, facts}) => {
    if (!dnsLabel(spec.name)) return []
    const newer = (minorOf(facts.plane.plane?.version) ?? 1030) >= 1030
    return [
      {
        level: newer ? 'error' : 'warning',
        message: `${spec.name} ${dnsLabel(spec.name)}: Istio 1.30 and newer deny every request for it`,
        hints: ['attach it under another name, then detach this one'],
      },
    ]
  },
}

const policyThere: VerifyCheck = {
  id: 'policy',
  about: 'a policy sends requests to it',
  run: subject =>
    policiesOf(subject).length > 0 || filtersOf(subject).length > 0
      ? []
      : [
          {
            message: `no AuthorizationPolicy uses ${subject.spec.name}: nobody asks it`,
            hints: [`kubectl mesh authz attach ${subject.spec.name} …`],
          },
        ],
}

const policyReaches: VerifyCheck = {
  id: 'workloads',
  about: 'every policy reaches workloads',
  run: subject => {
    const rootNamespace = subject.facts.mesh.rootNamespace ?? subject.spec.systemNamespace
    return policiesOf(subject)
      .filter(policy => !subject.facts.pods.some(pod => reaches(policy, pod, rootNamespace)))
      .map(({metadata}) => ({
        message: `AuthorizationPolicy ${metadata.namespace}/${metadata.name} fits no pod`,
        hints: [`kubectl -n ${metadata.namespace} get pods --show-labels`],
      }))
  },
}

const fieldsAllowed: VerifyCheck = {
  id: 'fields',
  about: 'its policies have only fields that istiod takes',
  run: subject =>
    policiesOf(subject).flatMap(policy =>
      refusedFields(policy).map(field => ({
        message: `AuthorizationPolicy ${policy.metadata.namespace}/${policy.metadata.name}: ${field} can't be used with an authorizer`,
      })),
    ),
}

const oneProvider: VerifyCheck = {
  id: 'one-provider',
  about: 'no workload is sent to two authorizers',
  run: subject => {
    const {facts, spec} = subject
    if (takesSeveral(facts)) return []
    const rootNamespace = facts.mesh.rootNamespace ?? spec.systemNamespace
    const own = policiesOf(subject)
    const pods = facts.pods.filter(pod => own.some(policy => reaches(policy, pod, rootNamespace)))
    return facts.policies
      .filter(policy => policySpecOf(policy).provider?.name !== spec.name)
      .filter(policy => pods.some(pod => reaches(policy, pod, rootNamespace)))
      .map(({metadata, spec: other}) => ({
        message: `AuthorizationPolicy ${metadata.namespace}/${metadata.name} sends the same workloads to ${(other as {provider?: {name?: string}}).provider?.name}: all requests are denied`,
        hints: ['detach one of them'],
      }))
  },
}

const whenDown: VerifyCheck = {
  id: 'when-down',
  about: 'when it gives no answer, requests are denied (403)',
  run: ({provider}): Finding[] => [
    ...(provider?.failOpen
      ? [
          {
            level: 'warning' as const,
            message: 'when it gives no answer, every request is let through (fail open)',
            hints: ['attach it again with --fail closed'],
          },
        ]
      : []),
    ...(provider && provider.timeout === undefined
      ? [
          {
            level: 'warning' as const,
            message: 'it has no timeout: a request waits up to 10 minutes for its answer',
            hints: ['attach it again with --timeout 5s'],
          },
        ]
      : []),
  ],
}

/** What there is to look at: a service without a provider, or workloads without a policy, would be fine for nothing. */
export function verifyChecksFor(subject: VerifySubject): readonly VerifyCheck[] {
  const idle = [
    ...(subject.provider ? [] : ['service', 'discovered', 'endpoints', 'protocol', 'mtls', 'when-down']),
    ...(policiesOf(subject).length > 0 ? [] : ['workloads', 'fields', 'one-provider']),
  ]
  return verifyChecks.filter(({id}) => !idle.includes(id))
}

const verifyChecks: readonly VerifyCheck[] = [
  {...controlPlaneExists, run: ({spec, facts}) => controlPlaneExists.run({spec, plane: facts.plane})},
  {...meshConfigReadable, run: ({spec, facts}) => meshConfigReadable.run({spec, plane: facts.plane})},
  providerThere,
  nameAllowed,
  ...[serviceKnown, serviceDiscovered, serviceReady, portSpeaksGrpc, serviceMtls].map(check => ({
    ...check,
    run: ({facts, spec, provider}: VerifySubject) =>
      check.run({
        facts,
        clusterDomain: spec.clusterDomain,
        service: provider && {host: provider.service, port: provider.port, type: provider.type},
      }),
  })),
  policyThere,
  policyReaches,
  fieldsAllowed,
  oneProvider,
  whenDown,
]
