import {revisionLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Check} from '../../findings/check.ts'
import {isDiscovered, type LabelSelector} from '../../istio/selectors.ts'
import type {Tenant} from './istio.ts'
import type {TenantNames} from './spec.ts'

/** What is looked at before a tenant is made. */
export interface TenantAddSubject {
  names: TenantNames
  via: string
  namespaces: readonly string[]
  isDefault: boolean
  /** `discoverySelectors` that it will have; undefined when another tool decides. */
  selectors: readonly LabelSelector[] | undefined
  /** All tenants that are there. */
  tenants: readonly Tenant[]
  /** All namespaces that are there. */
  live: readonly KubernetesObject[]
  /** Revision by tag. */
  tags: ReadonlyMap<string, string>
  /** The revision that the default validator belongs to; undefined when there is none. */
  defaultValidator: string | undefined
  /** Names of the CustomResourceDefinitions that the cluster lacks, of Istio's. */
  lacksDefinitions: boolean
}

/** Refuses what would fail silently later: facts of Istio 1.24–1.31, each with its reason. */
export const tenantAddChecks: readonly Check<TenantAddSubject>[] = [
  {
    id: 'revision-unique',
    about: 'no other control plane has the revision',
    // istiods patch webhooks by the label istio.io/rev alone: two of one revision rewrite each other's for ever
    run: ({names, tenants, tags}) => [
      ...tenants
        .filter(tenant => tenant.revision === names.revision && tenant.namespace !== names.systemNamespace)
        .map(({name, namespace}) => ({
          message: `revision ${names.revision} is taken by ${name} in namespace ${namespace}: two control planes of one revision overwrite each other's webhooks`,
          hints: ['choose another with --revision'],
        })),
      ...(tags.has(names.revision)
        ? [
            {
              message: `${names.revision} is a revision tag already, of ${tags.get(names.revision)}`,
              hints: ['choose another with --revision'],
            },
          ]
        : []),
    ],
  },
  {
    id: 'namespace-own',
    about: 'the system namespace holds no other control plane',
    // only one istiod of a namespace writes istio-ca-root-cert, the other's pods hang in Init (istio issue 56594)
    run: ({names, tenants}) =>
      tenants
        .filter(tenant => tenant.namespace === names.systemNamespace && tenant.revision !== names.revision)
        .map(({name, revision}) => ({
          message: `namespace ${names.systemNamespace} holds the control plane ${name} (revision ${revision}) already: of two in one namespace only one hands out root certificates`,
          hints: ['choose another with --system-namespace'],
        })),
  },
  {
    id: 'same-tenant',
    about: 'the tenant is the one that was made under this name',
    run: ({names, tenants, via}) =>
      tenants.flatMap(tenant => {
        const {namespace, revision} = tenant
        const same = namespace === names.systemNamespace && revision === names.revision
        if (!same && tenant.name === names.name)
          return [
            {
              message: `${names.name} is there already, in namespace ${namespace} with revision ${revision}`,
              hints: [`--system-namespace ${namespace} --revision ${revision}, or another name`],
            },
          ]
        if (same && tenant.installed && tenant.via === undefined && via !== 'none')
          return [
            {
              message: `namespace ${namespace} holds a control plane of revision ${revision} that others made`,
              hints: ['--via none leaves it alone and adds what is around it'],
            },
          ]
        if (same && tenant.via !== undefined && tenant.via !== via && via !== 'none' && tenant.via !== 'none')
          return [
            {
              message: `${names.name} was made via ${tenant.via}`,
              hints: [`--via ${tenant.via}, or --via none to leave the control plane as it is`],
            },
          ]
        return []
      }),
  },
  {
    id: 'selects-itself',
    about: 'the system namespace matches its own discovery selectors',
    // there is no implicit inclusion: istio pkg/kube/namespace/filter.go
    run: ({names, selectors, live}) => {
      if (selectors === undefined) return []
      const before = live.find(({metadata}) => metadata.name === names.systemNamespace)?.metadata.labels
      const labels = {
        'kubernetes.io/metadata.name': names.systemNamespace,
        ...before,
        [names.selector.key]: names.selector.value,
      }
      if (isDiscovered(selectors, labels)) return []
      return [
        {
          message: `the discoverySelectors that --set or --values give do not match the system namespace ${names.systemNamespace}: istiod would not see its own policies`,
          hints: [
            `add  matchLabels: {${names.selector.key}: ${names.selector.value}}, or leave discoverySelectors out`,
          ],
        },
      ]
    },
  },
  {
    id: 'selector-own',
    about: 'no other tenant watches the namespaces',
    run: ({names, tenants, namespaces, live}) => {
      const others = tenants.filter(tenant => tenant.namespace !== names.systemNamespace)
      const problems = others
        .filter(({label}) => label?.key === names.selector.key && label.value === names.selector.value)
        .map(({name}) => ({
          message: `${name} has the selector label ${names.selector.key}=${names.selector.value} already`,
          hints: ['choose another with --selector-label'],
        }))
      if (problems.length > 0) return problems
      return [names.systemNamespace, ...namespaces].flatMap(namespace => {
        const before = live.find(({metadata}) => metadata.name === namespace)?.metadata.labels
        const labels = {...before, [names.selector.key]: names.selector.value}
        return others
          .filter(
            ({selectors, trustBundle, installed}) =>
              installed && trustBundle === 'istio-ca-root-cert' && isDiscovered(selectors, labels),
          )
          .map(({name, selectors}) => ({
            level: 'warning' as const,
            message: `${namespace} will be watched by ${name} too, ${selectors.length === 0 ? 'which watches all namespaces' : 'whose selectors it matches'}: both write its istio-ca-root-cert`,
            hints: [`give ${name} discoverySelectors, or one of the two a values.global.trustBundleName of its own`],
          }))
      })
    },
  },
  {
    id: 'labels-agree',
    about: 'no namespace asks for another injector',
    run: ({names, namespaces, live, tenants}) =>
      namespaces.flatMap(namespace => {
        const labels = live.find(({metadata}) => metadata.name === namespace)?.metadata.labels ?? {}
        const injection = labels['istio-injection']
        const other = labels[revisionLabel]
        if (injection !== undefined) return [contradiction(namespace, injection)]
        if (other !== undefined && other !== names.revision)
          return [
            {
              message: `${namespace} asks for the revision ${other}`,
              hints: [`to move it: kubectl mesh tenant assign ${names.name} ${namespace}`],
            },
          ]
        const system = tenants.find(tenant => tenant.namespace === namespace)
        return system ? [{message: `${namespace} is the system namespace of ${system.name}`}] : []
      }),
  },
  {
    id: 'default-reported',
    about: "who is everybody's default is known",
    run: ({names, isDefault, tags, defaultValidator}) => {
      const owner = tags.get('default') ?? defaultValidator
      if (owner === undefined || owner === names.revision) return []
      if (isDefault)
        return [
          {
            message: `the default is revision ${owner} already`,
            hints: ['leave --default out; to move the default: istioctl tag set default --overwrite'],
          },
        ]
      return [
        {
          level: 'warning' as const,
          message: `revision ${owner} is this cluster's default: it validates what carries no istio.io/rev, and injects where istio-injection=enabled`,
        },
      ]
    },
  },
  {
    id: 'definitions',
    about: "Istio's resource definitions are there",
    run: ({via, lacksDefinitions}) =>
      lacksDefinitions && (via === 'helm' || via === 'none')
        ? [
            {
              message: `the cluster lacks Istio's CustomResourceDefinitions, and ${via === 'helm' ? 'the istiod chart' : '--via none'} brings none`,
              hints: [
                'helm install istio-base istio/base -n istio-system --create-namespace --set defaultRevision=',
                'or --via istioctl',
              ],
            },
          ]
        : [],
  },
]

/** The refusal of a namespace with `istio-injection`, which goes before `istio.io/rev`. */
export function contradiction(namespace: string, injection: string) {
  return {
    message: `${namespace} has istio-injection=${injection}, which goes before istio.io/rev: its pods would not be the tenant's`,
    hints: [`kubectl label namespace ${namespace} istio-injection-`],
  }
}
