import {revisionLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../findings/check.ts'
import {injectorsFor, readTags, wantedRevision, webhooksOf} from '../../istio/injection.ts'
import {revisioned} from '../../istio/names.ts'
import {isDiscovered} from '../../istio/selectors.ts'
import {type Tenant, watches} from './istio.ts'
import {namespacesOf, type PodSeen} from './read.ts'
import {restartHints} from './read-restarts.ts'
import {isConnectedTo} from './read-rows.ts'
import type {TenantVerifyFacts} from './verify/read.ts'

/** One tenant beside all others. */
export interface TenantSubject {
  tenant: Tenant
  facts: TenantVerifyFacts
}

/** What one tenant has to be, each with the next step (facts of Istio 1.24–1.31). */
export const tenantChecks: readonly Check<TenantSubject>[] = [
  {
    id: 'istiod-ready',
    about: 'istiod is ready',
    run: ({tenant: {installed, ready, replicas, namespace, revision}}) => {
      if (installed && ready >= replicas && ready > 0) return []
      const istiod = revisioned('istiod', revision)
      const message = installed
        ? `istiod is not ready, ${ready} of ${replicas}`
        : `there is no ${istiod} in ${namespace}`
      return [{message, hints: [`kubectl -n ${namespace} get deployment,pod -l app=istiod`]}]
    },
  },
  {
    id: 'revision-unique',
    about: 'its revision is its own',
    run: ({tenant, facts}) =>
      facts.tenants
        .filter(other => other !== tenant && other.revision === tenant.revision && other.namespace !== tenant.namespace)
        .map(({namespace}) => ({
          message: `revision ${tenant.revision} is also that of the control plane in ${namespace}: each overwrites the other's webhooks`,
          hints: ['give one of the two a revision of its own'],
        })),
  },
  {
    id: 'namespace-own',
    about: 'its system namespace is its own',
    run: ({tenant, facts}) =>
      facts.tenants
        .filter(other => other !== tenant && other.namespace === tenant.namespace)
        .map(({revision}) => ({
          level: sameSelectors(tenant, facts.tenants, revision) ? ('warning' as const) : ('error' as const),
          message: `namespace ${tenant.namespace} also holds revision ${revision}: only one of the two writes istio-ca-root-cert, and pods of the other hang in Init`,
          hints: ['one system namespace a tenant (istio issue 56594)'],
        })),
  },
  {
    id: 'selects-itself',
    about: 'its own namespace matches its discovery selectors',
    run: ({tenant, facts}) => {
      const own = facts.namespaces.find(({metadata}) => metadata.name === tenant.namespace)
      if (!own) return [{message: `namespace ${tenant.namespace} is not there`}]
      if (isDiscovered(tenant.selectors, own.metadata.labels ?? {})) return []
      const {label} = tenant
      return [
        {
          message: `namespace ${tenant.namespace} does not match its own discovery selectors: istiod sees no policy of its own`,
          hints: label ? [`kubectl label namespace ${tenant.namespace} ${label.key}=${label.value}`] : [],
        },
      ]
    },
  },
  {
    id: 'apart',
    about: 'no other tenant watches its namespaces',
    run: ({tenant, facts}) => {
      if (!tenant.installed) return []
      return facts.tenants
        .filter(other => other !== tenant && other.installed && other.trustBundle === tenant.trustBundle)
        .flatMap(other => {
          const both = facts.namespaces.filter(
            each =>
              watches(tenant, each) &&
              watches(other, each) &&
              (tenant.selectors.length > 0 || wantedRevision(each, facts.tags) === tenant.revision),
          )
          return both.map(({metadata: {name}}) => ({
            message: `namespace ${name} is selected by ${tenant.name} and by ${other.name}`,
            hints: [
              other.selectors.length === 0
                ? `${other.name} has no discoverySelectors and watches everything`
                : `kubectl mesh tenant assign ${tenant.name} ${name}`,
              'or give one of the two a values.global.trustBundleName of its own',
            ],
          }))
        })
    },
  },
  {
    id: 'webhooks',
    about: 'its webhooks are there and lead to its istiod',
    run: ({tenant, facts}) => (tenant.installed ? webhookTroubles(tenant, facts) : []),
  },
  {
    id: 'one-injector',
    about: 'one injector serves each of its namespaces',
    run: ({tenant, facts}) =>
      namespacesOf(tenant, facts).flatMap(namespace => {
        const injectors = injectorsFor(namespace, facts.injectors)
        return injectors.length > 1
          ? [
              {
                message: `${injectors.join(' and ')} would both inject pods of ${namespace.metadata.name}`,
                hints: ['kubectl get mutatingwebhookconfiguration --show-labels'],
              },
            ]
          : []
      }),
  },
  {
    id: 'labels-agree',
    about: 'the labels of its namespaces agree',
    run: ({tenant, facts}) => namespacesOf(tenant, facts).flatMap(namespace => labelTroubles(tenant, namespace, facts)),
  },
  {
    id: 'pods',
    about: 'its pods have the control plane that their namespace asks for',
    run: ({tenant, facts}) => podTroubles(tenant, facts),
  },
  {
    id: 'root-cert',
    about: 'its root certificate is in all its namespaces',
    run: ({tenant, facts}) => rootTroubles(tenant, facts),
  },
  {
    id: 'mtls-strict',
    about: 'mTLS is STRICT',
    run: ({tenant, facts}) => {
      const mode = modeOf(tenant, facts.policies)
      if (mode === 'STRICT') return []
      return [
        {
          level: 'warning' as const,
          message:
            mode === undefined
              ? 'no PeerAuthentication says STRICT: other tenants may ask in plain text'
              : `mTLS is ${mode}: other tenants may ask in plain text`,
          hints: [`kubectl mesh tenant add ${tenant.name} --via none`],
        },
      ]
    },
  },
  {
    id: 'resources-revised',
    about: 'resources in its namespaces carry its revision',
    run: ({tenant, facts}) => unlabelledTroubles(tenant, facts),
  },
]

/** What is nobody's: told once, beside the tenants. */
export const leftoverChecks: readonly Check<TenantVerifyFacts>[] = [
  {
    id: 'no-stale-webhooks',
    about: 'every webhook has an istiod behind it',
    run: facts =>
      [...facts.injectors, ...facts.validators].flatMap(({kind, metadata: {name}, ...rest}) => {
        const services = webhooksOf({kind, metadata: {name}, ...rest} as KubernetesObject).flatMap(
          ({clientConfig}) => clientConfig?.service ?? [],
        )
        const gone = services.find(service => !facts.services.has(`${service.namespace}/${service.name}`))
        return gone
          ? [
              {
                message: `${kind} ${name} leads to the Service ${gone.name} in ${gone.namespace}, which is not there: it may refuse every write`,
                hints: [`kubectl delete ${kind.toLowerCase()} ${name}`],
              },
            ]
          : []
      }),
  },
  {
    id: 'no-stale-roles',
    about: 'every ClusterRole of a control plane has one',
    run: ({roles, tenants}) => {
      const known = new Set(
        tenants.flatMap(({revision, namespace}) => [
          ...controlPlaneRoles.map(role => `${revisioned(role, revision)}-${namespace}`),
          // for other clusters: `istioctl create-remote-secret` knows no revision
          `istio-reader-clusterrole-${namespace}`,
        ]),
      )
      const stale = roles
        .map(({metadata}) => metadata.name)
        .filter(name => controlPlaneRoles.some(role => name.startsWith(`${role}-`)) && !known.has(name))
      return stale.length === 0
        ? []
        : [
            {
              level: 'warning',
              message: `ClusterRoles of control planes that are gone: ${stale.join(', ')}`,
              hints: [`kubectl delete clusterrole,clusterrolebinding ${stale.join(' ')}`],
            },
          ]
    },
  },
  {
    id: 'namespaces-served',
    about: 'every namespace that asks for a revision gets it',
    run: ({namespaces, tags, tenants}) =>
      namespaces.flatMap(namespace => {
        const wanted = wantedRevision(namespace, tags)
        const {name} = namespace.metadata
        return wanted === undefined || tenants.some(({revision}) => revision === wanted)
          ? []
          : [
              {
                level: 'warning' as const,
                message: `${name} asks for revision ${wanted}, which is not there: its pods get no sidecar`,
                hints: [`kubectl mesh tenant assign TENANT ${name}`],
              },
            ]
      }),
  },
  {
    id: 'default-known',
    about: 'no tenant is the default of all by accident',
    run: ({injectors, validators, tenants}) => {
      const owner = readTags(injectors).get('default')
      const validator = validators.find(({metadata}) => metadata.name === 'istiod-default-validator')
      const validated = validator?.metadata.labels?.[revisionLabel]
      const revision = owner ?? validated
      if (revision === undefined || !tenants.some(tenant => tenant.revision === revision) || tenants.length < 2)
        return []
      return [
        {
          level: 'warning',
          message: `revision ${revision} is everybody's default: it ${[owner ? 'injects where istio-injection=enabled' : '', validated ? 'validates what carries no istio.io/rev' : ''].filter(Boolean).join(' and ')}`,
          hints: [
            'istioctl tag remove default; kubectl delete validatingwebhookconfiguration istiod-default-validator',
          ],
        },
      ]
    },
  },
]

/** ClusterRoles of Istio's charts (1.24–1.31), without revision and namespace. */
const controlPlaneRoles = ['istiod-clusterrole', 'istiod-gateway-controller', 'istio-reader-clusterrole']

function sameSelectors(tenant: Tenant, tenants: readonly Tenant[], revision: string): boolean {
  const other = tenants.find(each => each.namespace === tenant.namespace && each.revision === revision)
  return JSON.stringify(other?.selectors) === JSON.stringify(tenant.selectors)
}

function webhookTroubles(tenant: Tenant, facts: TenantVerifyFacts): Finding[] {
  const {namespace, revision} = tenant
  const service = revisioned('istiod', revision)
  const hints = [`kubectl mesh tenant add ${tenant.name}`]
  return (['injectors', 'validators'] as const).flatMap((kind): Finding[] => {
    const word = kind === 'injectors' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration'
    const own = facts[kind].filter(
      ({metadata}) =>
        metadata.labels?.[revisionLabel] === revision &&
        metadata.labels['istio.io/tag'] === undefined &&
        metadata.name !== 'istiod-default-validator',
    )
    if (own.length === 0) return [{message: `there is no ${word} of revision ${revision}`, hints}]
    return own.flatMap(configuration => {
      const wrong = webhooksOf(configuration).find(
        ({clientConfig}) =>
          clientConfig?.service &&
          (clientConfig.service.name !== service || clientConfig.service.namespace !== namespace),
      )?.clientConfig?.service
      if (wrong)
        return [
          {
            message: `${word} ${configuration.metadata.name} of revision ${revision} leads to ${wrong.name} in ${wrong.namespace}, not to ${service} in ${namespace}`,
            hints,
          },
        ]
      const bare =
        tenant.ready > 0 &&
        webhooksOf(configuration).some(({clientConfig}) => clientConfig?.service && !clientConfig.caBundle)
      return bare
        ? [
            {
              message: `${word} ${configuration.metadata.name} has no caBundle: its istiod has not written it`,
              hints: [`kubectl -n ${namespace} logs deploy/${service}`],
            },
          ]
        : []
    })
  })
}

function labelTroubles(tenant: Tenant, namespace: KubernetesObject, {tags}: TenantVerifyFacts): Finding[] {
  const {name, labels = {}} = namespace.metadata
  const {'istio-injection': injection, [revisionLabel]: asked} = labels
  if (injection !== undefined && asked !== undefined)
    return [
      {
        message: `${name} has istio-injection=${injection} beside istio.io/rev=${asked}: the first one wins`,
        hints: [`kubectl label namespace ${name} istio-injection-`],
      },
    ]
  const wanted = wantedRevision(namespace, tags)
  const isWatched = isDiscovered(tenant.selectors, labels)
  if (wanted === tenant.revision && !isWatched)
    return [
      {
        message: `${name} asks for revision ${wanted} and does not match its discovery selectors: sidecars without a root certificate`,
        hints: [`kubectl mesh tenant assign ${tenant.name} ${name}`],
      },
    ]
  if (isWatched && wanted === undefined && injection !== 'disabled')
    return [
      {
        level: 'warning',
        message: `${name} is watched and not injected: it lacks istio.io/rev=${tenant.revision}`,
        hints: [`kubectl mesh tenant assign ${tenant.name} ${name}`],
      },
    ]
  if (isWatched && wanted !== undefined && wanted !== tenant.revision)
    return [
      {
        message: `${name} is watched by ${tenant.name} and asks for revision ${wanted}`,
        hints: [`kubectl mesh tenant assign ${tenant.name} ${name}`],
      },
    ]
  return []
}

function podTroubles(tenant: Tenant, facts: TenantVerifyFacts): Finding[] {
  return namespacesOf(tenant, facts).flatMap((namespace): Finding[] => {
    const {name} = namespace.metadata
    if (wantedRevision(namespace, facts.tags) !== tenant.revision) return []
    const pods = facts.pods.filter(pod => pod.namespace === name && !pod.refuses && !pod.hostNetwork)
    const others = pods.filter(pod => pod.proxy?.alive && !isConnectedTo(pod, tenant))
    const bare = pods.filter(pod => pod.proxy === undefined)
    const revisions = [...new Set(others.map(({proxy}) => proxy!.revision))]
    return [
      ...(others.length > 0
        ? [
            {
              level: 'warning' as const,
              message: `${countPods(others)} in ${name} still run${others.length === 1 ? 's' : ''} under revision ${revisions.join(', ')}; restart ${others.length === 1 ? 'it' : 'them'}`,
              hints: restartHints(others),
            },
          ]
        : []),
      ...(bare.length > 0
        ? [
            {
              level: 'warning' as const,
              message: `${countPods(bare)} in ${name} ${bare.length === 1 ? 'has' : 'have'} no sidecar`,
              hints: restartHints(bare),
            },
          ]
        : []),
    ]
  })
}

function countPods(pods: readonly PodSeen[]): string {
  return `${pods.length} pod${pods.length === 1 ? '' : 's'}`
}

function rootTroubles(tenant: Tenant, facts: TenantVerifyFacts): Finding[] {
  if (!tenant.installed || tenant.ready === 0) return []
  const {trustBundle} = tenant
  const own = facts.roots.get(`${tenant.namespace}/${trustBundle}`)
  const watched = facts.namespaces.filter(
    namespace =>
      (namespace.metadata.name === tenant.namespace || wantedRevision(namespace, facts.tags) === tenant.revision) &&
      watches(tenant, namespace),
  )
  return watched.flatMap(({metadata: {name}}): Finding[] => {
    const root = facts.roots.get(`${name}/${trustBundle}`)
    if (root === undefined)
      return [
        {
          message: `${name} has no ConfigMap ${trustBundle}: its pods hang in Init`,
          hints: [`kubectl -n ${tenant.namespace} logs deploy/${revisioned('istiod', tenant.revision)}`],
        },
      ]
    return own !== undefined && root !== own
      ? [
          {
            message: `the root certificate in ${name} is not that of ${tenant.name}`,
            hints: ['another control plane writes it: look for one that watches this namespace'],
          },
        ]
      : []
  })
}

function modeOf(tenant: Tenant, policies: readonly KubernetesObject[]): string | undefined {
  const policy = policies.find(({metadata, spec}) => {
    const revision = metadata.labels?.[revisionLabel]
    const selects = (spec as {selector?: unknown} | undefined)?.selector !== undefined
    return (
      metadata.namespace === tenant.rootNamespace &&
      !selects &&
      (revision === undefined || revision === tenant.revision)
    )
  })
  return (policy?.spec as {mtls?: {mode?: string}} | undefined)?.mtls?.mode
}

function unlabelledTroubles(tenant: Tenant, facts: TenantVerifyFacts): Finding[] {
  if (tenant.revision === 'default') return []
  const mine = new Set([tenant.namespace, ...namespacesOf(tenant, facts).map(({metadata}) => metadata.name)])
  const found = facts.unlabelled.filter(({metadata}) => mine.has(metadata.namespace ?? ''))
  return found.map(({kind, metadata: {name, namespace}}) => ({
    level: 'warning',
    message: `${kind} ${name} in ${namespace} carries no istio.io/rev: the tenant's validator does not look at it`,
    hints: [`kubectl -n ${namespace} label ${kind.toLowerCase()} ${name} ${revisionLabel}=${tenant.revision}`],
  }))
}
