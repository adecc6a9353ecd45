import {controlPlaneExists, meshConfigReadable} from '../../control-plane/checks.ts'
import {nameOf, refOf} from '../../engine/kubernetes/object.ts'
import type {Finding} from '../../findings/check.ts'
import {minorOf} from '../../istio/control-plane.ts'
import {dnsLabel} from '../../spec/texts.ts'
import {shellWord} from '../../text/shell-word.ts'
import {competingPolicies, refusedField} from './checks-policies.ts'
import {
  portIsGrpc,
  serviceDiscovered,
  serviceExists,
  serviceReady,
  serviceTrusted,
  serviceUsesMtls,
} from './checks-service.ts'
import {policyTitle, providerOf, refusedFields} from './istio.ts'
import {objectsRead, revisionsComplete, targetsEnforce} from './target/checks-verify.ts'
import {podsOfPolicies, policiesOf, type VerifyCheck, type VerifySubject} from './target/subject.ts'

const providerExists: VerifyCheck = {
  id: 'provider',
  about: 'the provider is in the mesh config',
  run: subject => {
    if (subject.provider || subject.filter) return []
    const {spec, facts} = subject
    const existing = facts.providers.map(({name}) => name)
    const consequence = policiesOf(subject).length > 0 ? ': its policies deny every request' : ''
    return [
      {
        message: `the mesh config has no authorizer ${spec.name}${consequence}`,
        hints: [
          existing.length > 0
            ? `existing authorizers: ${existing.join(', ')}`
            : `kubectl mesh authz attach ${shellWord(spec.name)}`,
        ],
      },
    ]
  },
}

const nameAccepted: VerifyCheck = {
  id: 'name',
  about: 'Istio accepts the name of the authorizer',
  run: ({spec, facts}) => {
    const problem = dnsLabel(spec.name)
    if (!problem) return []
    const isRefused = (minorOf(facts.controlPlane.controlPlane?.version) ?? 1030) >= 1030
    return [
      {
        level: isRefused ? 'error' : 'warning',
        message: `${spec.name} ${problem}: Istio 1.30 and newer deny every request for it`,
        hints: ['attach the authorizer with another name, then detach this one'],
      },
    ]
  },
}

const policyExists: VerifyCheck = {
  id: 'policy',
  about: 'an AuthorizationPolicy sends requests to the authorizer',
  run: subject =>
    policiesOf(subject).length > 0 || subject.filter
      ? []
      : [
          {
            message: `no AuthorizationPolicy uses ${subject.spec.name}, so it receives no requests`,
            hints: [`kubectl mesh authz attach ${shellWord(subject.spec.name)}`],
          },
        ],
}

const policiesApply: VerifyCheck = {
  id: 'workloads',
  about: 'every policy applies to workloads',
  run: subject =>
    policiesOf(subject)
      .filter(policy => podsOfPolicies([policy], subject).length === 0)
      .map(policy => ({
        message: `${policyTitle(policy)} applies to no pod`,
        hints: [`kubectl -n ${policy.metadata.namespace} get pods --show-labels`],
      })),
}

const fieldsAccepted: VerifyCheck = {
  id: 'fields',
  about: 'the policies have only fields that istiod accepts',
  run: subject =>
    policiesOf(subject).flatMap(policy => refusedFields(policy).map(field => refusedField(policy, field))),
}

const oneProvider: VerifyCheck = {
  id: 'one-provider',
  about: 'no workload has two external authorizers',
  run: subject => {
    const pods = podsOfPolicies(policiesOf(subject), subject)
    return competingPolicies(subject.spec, pods, subject.facts).map(policy => ({
      message: `${policyTitle(policy)} applies provider ${providerOf(policy)} to the same workloads: all requests are denied`,
      hints: ['detach one of the authorizers'],
    }))
  },
}

/** Everyone who can write an object can copy a label to it. */
const recorded: VerifyCheck = {
  id: 'record',
  about: 'the record lists all objects that carry the label of the authorizer',
  run: ({spec, unrecorded}) =>
    unrecorded.map(object => ({
      level: 'warning',
      message: `${nameOf(refOf(object))} in namespace ${object.metadata.namespace} carries the label of ${spec.name}, but the record does not list it`,
      hints: ['if kubectl-mesh 0.1.0 created it, attach the authorizer again'],
    })),
}

const failsClosed: VerifyCheck = {
  id: 'when-down',
  about: 'requests are denied (403) when the authorizer does not respond',
  run: ({provider}) => {
    const findings: Finding[] = []
    if (provider?.failOpen)
      findings.push({
        level: 'warning',
        message: 'every request is allowed when the authorizer does not respond (fail open)',
        hints: ['attach it again with --fail closed'],
      })
    if (provider && provider.timeout === undefined)
      findings.push({
        level: 'warning',
        message: 'the provider has no timeout: requests wait up to 10 minutes for the authorizer',
        hints: ['attach it again with --timeout 5s'],
      })
    return findings
  },
}

const serviceChecks = [
  serviceExists,
  serviceTrusted('warning'),
  serviceDiscovered,
  serviceReady,
  portIsGrpc,
  serviceUsesMtls,
]

const verifyChecks: readonly VerifyCheck[] = [
  ...[controlPlaneExists, meshConfigReadable].map(check => ({
    ...check,
    run: ({spec, facts}: VerifySubject) => check.run({spec, controlPlane: facts.controlPlane}),
  })),
  providerExists,
  nameAccepted,
  ...serviceChecks.map(check => ({
    ...check,
    run: ({facts, spec, provider}: VerifySubject) =>
      check.run({
        facts,
        clusterDomain: spec.clusterDomain,
        service: provider && {host: provider.service, port: provider.port, type: provider.type},
      }),
  })),
  policyExists,
  objectsRead,
  policiesApply,
  targetsEnforce,
  revisionsComplete,
  fieldsAccepted,
  oneProvider,
  recorded,
  failsClosed,
]

/** The checks that apply: without a provider or a policy, the checks of its properties would wrongly show success. */
export function verifyChecksFor(subject: VerifySubject): readonly VerifyCheck[] {
  const ofProvider = [...serviceChecks, failsClosed].map(({id}) => id)
  const ofPolicies = [policiesApply, revisionsComplete, fieldsAccepted, oneProvider].map(({id}) => id)
  const hasPolicies = policiesOf(subject).length > 0
  const omitted = [
    ...(subject.provider ? [] : ofProvider),
    ...(hasPolicies ? [] : ofPolicies),
    ...(hasPolicies || subject.filter ? [] : [targetsEnforce.id]),
  ]
  return verifyChecks.filter(({id}) => !omitted.includes(id))
}
