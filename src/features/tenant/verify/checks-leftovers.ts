import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import {readTags, wantedRevision, webhooksOf} from '../../../istio/injection.ts'
import {revisioned} from '../../../istio/names.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {controlPlaneRoles} from '../istio.ts'
import type {TenantVerifyFacts} from './read.ts'

/** Checks of the whole cluster: objects without a control plane, and its default. */
export const leftoverChecks: readonly Check<TenantVerifyFacts>[] = [
  {
    id: 'records-proved',
    about: 'every record of a tenant is in the system namespace of a control plane',
    run: ({unprovedRecords}) =>
      unprovedRecords.map(({metadata: {name, namespace}}) => ({
        level: 'warning',
        message: `ConfigMap ${name} in namespace ${namespace} is ignored: whoever administers the namespace may have created it`,
        hints: [`review it, then: kubectl -n ${namespace} delete configmap ${name}`],
      })),
  },
  {
    id: 'no-stale-webhooks',
    about: 'every webhook calls an existing Service',
    run: ({injectors, validators, services}) =>
      [...injectors, ...validators].flatMap(configuration => webhookFindings(configuration, services)),
  },
  {
    id: 'no-stale-roles',
    about: 'every ClusterRole of a control plane belongs to an existing one',
    run: facts => {
      const stale = staleRoles(facts)
      if (stale.length === 0) return []
      return [
        {
          level: 'warning',
          message: `ClusterRoles of control planes that do not exist: ${stale.join(', ')}`,
          hints: [`kubectl delete clusterrole,clusterrolebinding ${stale.map(shellWord).join(' ')}`],
        },
      ]
    },
  },
  {
    id: 'namespaces-served',
    about: 'every revision that a namespace selects exists',
    run: ({namespaces, tags, tenants}) =>
      namespaces.flatMap((namespace): Finding[] => {
        const {name} = namespace.metadata
        const wanted = wantedRevision(namespace, tags)
        if (wanted === undefined || tenants.some(({revision}) => revision === wanted)) return []
        return [
          {
            level: 'warning',
            message: `namespace ${name} selects revision ${wanted}, which does not exist; its pods get no sidecar`,
            hints: [`kubectl mesh tenant assign TENANT ${name}`],
          },
        ]
      }),
  },
  {
    id: 'default-known',
    about: 'if there are several tenants, none is the default of the cluster',
    run: facts => (facts.tenants.length < 2 ? [] : defaultFindings(facts)),
  },
]

function webhookFindings(configuration: KubernetesObject, services: ReadonlySet<string>): Finding[] {
  const {
    kind,
    metadata: {name},
  } = configuration
  const missing = webhooksOf(configuration)
    .flatMap(({clientConfig}) => clientConfig?.service ?? [])
    .find(service => !services.has(`${service.namespace}/${service.name}`))
  if (!missing) return []
  return [
    {
      message: `${kind} ${name} calls Service ${missing.name} in namespace ${missing.namespace}, which does not exist; the webhook may reject every write`,
      hints: [`kubectl delete ${kind.toLowerCase()} ${shellWord(name)}`],
    },
  ]
}

function staleRoles({roles, tenants}: TenantVerifyFacts): string[] {
  const expected = new Set(
    tenants.flatMap(({revision, namespace}) => [
      ...controlPlaneRoles.map(role => `${revisioned(role, revision)}-${namespace}`),
      // The role that `istioctl create-remote-secret` uses has no revision in its name.
      `istio-reader-clusterrole-${namespace}`,
    ]),
  )
  return roles
    .map(({metadata}) => metadata.name)
    .filter(name => controlPlaneRoles.some(role => name.startsWith(`${role}-`)) && !expected.has(name))
}

/** With several tenants, a default affects namespaces and resources that belong to none of them. */
function defaultFindings({injectors, validators, tenants}: TenantVerifyFacts): Finding[] {
  const tagged = readTags(injectors).get('default')
  const validator = validators.find(({metadata}) => metadata.name === 'istiod-default-validator')
  const validating = validator?.metadata.labels?.[revisionLabel]
  const revision = tagged ?? validating
  if (revision === undefined || !tenants.some(tenant => tenant.revision === revision)) return []
  const effects = [
    ...(tagged ? ['injects namespaces with istio-injection=enabled'] : []),
    ...(validating ? ['validates resources without istio.io/rev'] : []),
  ]
  return [
    {
      level: 'warning',
      message: `revision ${revision} is the default of the cluster; it ${effects.join(' and ')}`,
      hints: ['istioctl tag remove default; kubectl delete validatingwebhookconfiguration istiod-default-validator'],
    },
  ]
}
