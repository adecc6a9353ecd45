import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import {wantedRevision} from '../../../istio/injection.ts'
import {isDiscovered} from '../../../istio/selectors.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {ambientFindings} from '../ambient/checks.ts'
import {namespacesOf, type Tenant, watches} from '../istio.ts'
import {istiodName} from '../istio-pods.ts'
import type {TenantVerifyFacts} from './read.ts'
import type {TenantSubject} from './subject.ts'

/** Checks of the labels, root certificates and Istio resources in a tenant's namespaces. */
export const namespaceChecks: readonly Check<TenantSubject>[] = [
  {
    id: 'labels-agree',
    about: 'the labels of its namespaces are consistent',
    run: ({tenant, facts}) => namespacesOf(tenant, facts).flatMap(each => labelFindings(tenant, each, facts)),
  },
  {
    id: 'ambient',
    about: 'its istiod configures ztunnel, if a namespace is in ambient mode',
    run: ({tenant, facts}) =>
      ambientFindings(namespacesOf(tenant, facts), facts.ztunnels, {
        name: tenant.name,
        systemNamespace: tenant.namespace,
      }),
  },
  {
    id: 'root-cert',
    about: 'all its namespaces contain its root certificate',
    run: ({tenant, facts}) =>
      tenant.installed && tenant.ready > 0
        ? facts.namespaces
            .filter(namespace => expectsRoot(tenant, namespace, facts))
            .flatMap(({metadata}) => rootFindings(tenant, metadata.name, facts))
        : [],
  },
  {
    id: 'resources-revised',
    about: "Istio's resources in its namespaces are labelled with its revision",
    run: ({tenant, facts}) => (tenant.revision === 'default' ? [] : unlabelledFindings(tenant, facts)),
  },
]

function labelFindings(tenant: Tenant, namespace: KubernetesObject, {tags}: TenantVerifyFacts): Finding[] {
  const {name, labels = {}} = namespace.metadata
  const {'istio-injection': injection, [revisionLabel]: label} = labels
  if (injection !== undefined && label !== undefined)
    return [
      {
        message: `namespace ${name} has both istio-injection=${injection} and istio.io/rev=${label}; istio-injection takes precedence`,
        hints: [`kubectl label namespace ${name} istio-injection-`],
      },
    ]
  const wanted = wantedRevision(namespace, tags)
  const isWatched = isDiscovered(tenant.selectors, labels)
  const hints = [`kubectl mesh tenant assign ${tenant.name} ${name}`]
  if (wanted === tenant.revision)
    return isWatched
      ? []
      : [
          {
            message: `namespace ${name} selects revision ${wanted}, but the discovery selectors do not match it; its sidecars get no root certificate`,
            hints,
          },
        ]
  if (!isWatched) return []
  if (wanted !== undefined)
    return [{message: `namespace ${name} is watched by ${tenant.name}, but selects revision ${wanted}`, hints}]
  if (injection === 'disabled') return []
  return [
    {
      level: 'warning',
      message: `namespace ${name} is watched but not injected; expected the label istio.io/rev=${tenant.revision}`,
      hints,
    },
  ]
}

function expectsRoot(tenant: Tenant, namespace: KubernetesObject, {tags}: TenantVerifyFacts): boolean {
  const isOwn = namespace.metadata.name === tenant.namespace || wantedRevision(namespace, tags) === tenant.revision
  return isOwn && watches(tenant, namespace)
}

function rootFindings(tenant: Tenant, namespace: string, {roots}: TenantVerifyFacts): Finding[] {
  const {trustBundle} = tenant
  const expected = roots.get(`${tenant.namespace}/${trustBundle}`)
  const root = roots.get(`${namespace}/${trustBundle}`)
  if (root === undefined)
    return [
      {
        message: `namespace ${namespace} has no ConfigMap ${trustBundle}; its pods hang in Init`,
        hints: [`kubectl -n ${tenant.namespace} logs deploy/${istiodName(tenant)}`],
      },
    ]
  if (expected === undefined || root === expected) return []
  return [
    {
      message: `namespace ${namespace} contains a root certificate that differs from that of ${tenant.name}`,
      hints: ['another control plane that watches this namespace writes it'],
    },
  ]
}

function unlabelledFindings(tenant: Tenant, facts: TenantVerifyFacts): Finding[] {
  const own = new Set([tenant.namespace, ...namespacesOf(tenant, facts).map(({metadata}) => metadata.name)])
  return facts.unlabelled
    .filter(({metadata}) => own.has(metadata.namespace ?? ''))
    .map(({kind, metadata: {name, namespace}}) => ({
      level: 'warning',
      message: `${kind} ${name} in namespace ${namespace} has no label istio.io/rev; the tenant's istiod does not validate it`,
      hints: [
        `kubectl -n ${namespace} label ${kind.toLowerCase()} ${name} ${shellWord(`${revisionLabel}=${tenant.revision}`)}`,
      ],
    }))
}
