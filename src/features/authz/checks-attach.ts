import {controlPlaneExists, meshConfigReadable} from '../../control-plane/checks.ts'
import {missingRights, type Right} from '../../engine/kubernetes/access-rules.ts'
import {waypointClass} from '../../istio/ambient.ts'
import {
  type AttachCheck,
  type AttachSubject,
  fieldsAllowed,
  nameAvailable,
  oneProvider,
  providerNotShared,
} from './checks-policies.ts'
import {
  portIsGrpc,
  serviceDiscovered,
  serviceExists,
  serviceReady,
  serviceTrusted,
  serviceUsesMtls,
} from './checks-service.ts'
import {podsOf, servicesOf} from './istio-services.ts'
import {formatLabels, labelsOfTarget, podsOfTarget, type ResolvedTarget} from './istio-target.ts'
import type {CompleteAuthz} from './spec.ts'
import {targetEnforces, targetRevisions} from './target/checks.ts'

/** The permissions that attaching needs. */
export function authzRights(spec: CompleteAuthz, target: ResolvedTarget): Right[] {
  const {namespace} = target
  const config = {verb: 'patch', group: '', resource: 'configmaps', namespace: spec.systemNamespace}
  const user =
    spec.via === 'envoy-filter'
      ? {verb: 'patch', group: 'networking.istio.io', resource: 'envoyfilters', namespace}
      : {verb: 'patch', group: 'security.istio.io', resource: 'authorizationpolicies', namespace}
  return [config, user]
}

const rightsGranted: AttachCheck = {
  id: 'rights',
  about: 'the user has the permissions that attaching needs',
  run: ({denied}) => missingRights(denied),
}

const sharedConfigUsed: AttachCheck = {
  id: 'shared-config',
  about: 'istiod reads a shared mesh config',
  run: ({spec, facts: {controlPlane}}) =>
    spec.via === 'shared-config' && !controlPlane.shared && controlPlane.controlPlane
      ? [
          {
            message:
              'istiod does not read a shared mesh config: its environment variable SHARED_MESH_CONFIG is not set',
            hints: [
              'install with --set pilot.env.SHARED_MESH_CONFIG=istio-shared (Helm or istioctl), then run this command again',
            ],
          },
        ]
      : [],
}

const targetHasPods: AttachCheck = {
  id: 'target',
  about: 'the target has workloads',
  run: ({target, facts}) => {
    if (podsOfTarget(target, facts).length > 0) return []
    const labels = formatLabels(labelsOfTarget(target))
    return [
      {
        level: 'warning',
        message: `no pod in namespace ${target.namespace}${labels === '' ? '' : ` has the labels ${labels}`} yet`,
        hints: [`kubectl -n ${target.namespace} get pods --show-labels`],
      },
    ]
  },
}

/** The proxy of the authorizer would call the authorizer for each call of the authorizer. */
const notItself: AttachCheck = {
  id: 'itself',
  about: 'the authorizer does not protect itself',
  run: ({facts, host, spec, target}) => {
    const [service] = servicesOf(host, facts, spec.clusterDomain)
    const own = service?.kind === 'Service' ? podsOf(service, facts) : []
    const both = podsOfTarget(target, facts).filter(pod => own.includes(pod)).length
    return both === 0
      ? []
      : [
          {
            message: `${both === 1 ? '1 of the target pods is' : `${both} of the target pods are`} the authorizer itself, which would have to authorize its own requests`,
            hints: ['use -l with labels that the authorizer does not have, or --to workload/NAME'],
          },
        ]
  },
}

const usesPolicy: AttachCheck = {
  id: 'envoy-filter',
  about: 'an AuthorizationPolicy, not an EnvoyFilter, uses the authorizer',
  run: ({spec, target, facts}) => {
    if (spec.via !== 'envoy-filter') return []
    if (isWaypoint(target, facts))
      return [
        {
          message: `${target.gateway} is a waypoint; EnvoyFilters for sidecars and gateways do not apply to it`,
          hints: ['--via mesh-config: an AuthorizationPolicy with targetRefs applies to it'],
        },
      ]
    return [
      {
        level: 'warning',
        message:
          'an EnvoyFilter depends on internal names of Envoy, which may change with an upgrade, and applies to every request',
        hints: ['--via mesh-config'],
      },
    ]
  },
}

function isWaypoint({namespace, gateway}: ResolvedTarget, {apiGateways}: AttachSubject['facts']): boolean {
  const found = apiGateways.find(({metadata}) => metadata.name === gateway && metadata.namespace === namespace)
  return (found?.spec as {gatewayClassName?: string} | undefined)?.gatewayClassName === waypointClass
}

/** A service that is not ready yet is only a warning: it may start later. */
const serviceReadyLater: typeof serviceReady = {
  ...serviceReady,
  run: subject => serviceReady.run(subject).map(finding => ({...finding, level: 'warning'})),
}

const serviceChecks = [
  serviceExists,
  serviceTrusted('error'),
  serviceDiscovered,
  portIsGrpc,
  serviceUsesMtls,
  serviceReadyLater,
]

/** The checks of `mesh authz attach`, before any write. */
export const attachChecks: readonly AttachCheck[] = [
  ...[controlPlaneExists, meshConfigReadable].map(check => ({
    ...check,
    run: ({spec, facts}: AttachSubject) => check.run({spec, controlPlane: facts.controlPlane}),
  })),
  rightsGranted,
  sharedConfigUsed,
  ...serviceChecks.map(check => ({
    ...check,
    run: ({spec, facts, host}: AttachSubject) =>
      check.run({
        facts,
        clusterDomain: spec.clusterDomain,
        service: {host, port: spec.service.port, type: spec.type},
      }),
  })),
  nameAvailable,
  oneProvider,
  fieldsAllowed,
  providerNotShared,
  targetHasPods,
  targetEnforces,
  targetRevisions,
  notItself,
  usesPolicy,
]
