import {missingSailOperator} from '../../control-plane/sail.ts'
import {revisionLabel} from '../../engine/kubernetes/labels.ts'
import {parseMembers} from '../../engine/kubernetes/member-record.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../findings/check.ts'
import type {ZtunnelSettings} from '../../istio/ambient.ts'
import {isDiscovered, type LabelSelector} from '../../istio/selectors.ts'
import {ambientFindings} from './ambient/checks.ts'
import {injectionConflict} from './checks-injection.ts'
import {identityFindings} from './existing/checks-identity.ts'
import type {Tenant} from './istio.ts'
import type {Label, TenantNames} from './spec-names.ts'

/** The requested tenant and the facts that its checks need. */
export interface TenantAddSubject {
  names: TenantNames
  via: string
  /** Application namespaces. */
  namespaces: readonly string[]
  isDefault: boolean
  /** `discoverySelectors` of the requested control plane. Undefined with `--via none`. */
  selectors: readonly LabelSelector[] | undefined
  /** All existing tenants. */
  tenants: readonly Tenant[]
  /** A ConfigMap with the name of the record in the system namespace, of which nothing proves that kubectl-mesh created it. */
  unprovedRecord: KubernetesObject | undefined
  /** All existing namespaces. */
  live: readonly KubernetesObject[]
  /** Revision by tag. */
  tags: ReadonlyMap<string, string>
  /** Revision of the webhook `istiod-default-validator`. Undefined if it does not exist. */
  defaultValidator: string | undefined
  /** The cluster has none of Istio's CustomResourceDefinitions. */
  lacksDefinitions: boolean
  /** The objects of the tenant carry our label, but its record is gone. */
  isLost: boolean
  /** The Sail operator is required, and not installed. */
  lacksSail: boolean
  /** The ztunnels, if application namespaces are in ambient mode. */
  ztunnels: readonly ZtunnelSettings[]
}

/** Checks before a tenant is created. They concern mistakes that Istio 1.24–1.31 does not report. */
export const tenantAddChecks: readonly Check<TenantAddSubject>[] = [
  {
    id: 'record-proved',
    about: 'kubectl-mesh created the record in the system namespace, if there is one',
    run: ({unprovedRecord}) => (unprovedRecord ? [unprovedFinding(unprovedRecord)] : []),
  },
  {
    id: 'revision-unique',
    about: 'no other control plane or tag has the revision',
    // istiod finds the webhooks to patch by the label istio.io/rev alone.
    run: ({names: {revision, systemNamespace}, tenants, tags}) => {
      const hints = ['set another one with --revision']
      const tagged = tags.get(revision)
      return [
        ...tenants
          .filter(tenant => tenant.revision === revision && tenant.namespace !== systemNamespace)
          .map(({name, namespace}) => ({
            message: `revision ${revision} is used by ${name} in namespace ${namespace}; two control planes with the same revision overwrite each other's webhooks`,
            hints,
          })),
        ...(tagged === undefined
          ? []
          : [{message: `${revision} is already a revision tag, which points to ${tagged}`, hints}]),
      ]
    },
  },
  {
    id: 'namespace-own',
    about: 'the system namespace contains no other control plane',
    // Only one istiod per namespace writes istio-ca-root-cert; pods of the other hang in Init (istio issue 56594).
    run: ({names: {systemNamespace, revision: requested}, tenants}) =>
      tenants
        .filter(tenant => tenant.namespace === systemNamespace && tenant.revision !== requested)
        .map(({name, revision}) => ({
          message: `namespace ${systemNamespace} already contains the control plane ${name} (revision ${revision}); only one control plane per namespace distributes root certificates`,
          hints: ['set another one with --system-namespace'],
        })),
  },
  {
    id: 'same-tenant',
    about: 'an existing tenant of this name has the same namespace, revision and tool',
    run: subject => subject.tenants.flatMap(tenant => identityFindings(tenant, subject)),
  },
  {
    id: 'selects-itself',
    about: 'the discovery selectors match the system namespace',
    // istiod does not include its own namespace implicitly (istio pkg/kube/namespace/filter.go).
    run: ({names: {systemNamespace, selector}, selectors, live}) => {
      const labels = {'kubernetes.io/metadata.name': systemNamespace, ...labelsAfter(live, systemNamespace, selector)}
      if (selectors === undefined || isDiscovered(selectors, labels)) return []
      return [
        {
          message: `the discoverySelectors in --set or --values do not match the system namespace ${systemNamespace}; istiod would ignore the policies there`,
          hints: [`add  matchLabels: {${selector.key}: ${selector.value}}, or omit discoverySelectors`],
        },
      ]
    },
  },
  {
    id: 'selector-own',
    about: 'no other tenant watches the namespaces',
    run: subject => {
      const {names, tenants, namespaces} = subject
      const others = tenants.filter(tenant => tenant.namespace !== names.systemNamespace)
      const taken = others.flatMap(tenant => sameLabelFindings(tenant, names.selector))
      if (taken.length > 0) return taken
      return [names.systemNamespace, ...namespaces].flatMap(namespace => watcherFindings(namespace, others, subject))
    },
  },
  {
    id: 'labels-agree',
    about: 'no namespace selects another control plane',
    run: subject => subject.namespaces.flatMap(namespace => labelFindings(namespace, subject)),
  },
  {
    id: 'ambient',
    about: 'the istiod of the tenant configures ztunnel, if a namespace is in ambient mode',
    run: ({names, namespaces, live, ztunnels}) =>
      ambientFindings(
        live.filter(({metadata}) => namespaces.includes(metadata.name)),
        ztunnels,
        names,
      ),
  },
  {
    id: 'default-reported',
    about: 'the cluster has no other default control plane',
    run: ({names, isDefault, tags, defaultValidator}) => {
      const revision = tags.get('default') ?? defaultValidator
      return revision === undefined || revision === names.revision ? [] : [otherDefault(revision, isDefault)]
    },
  },
  {
    id: 'sail-operator',
    about: 'the Sail operator is installed, if it creates the control plane',
    run: ({lacksSail}) => (lacksSail ? [missingSailOperator('--via istioctl')] : []),
  },
  {
    id: 'definitions',
    about: "the cluster has Istio's CustomResourceDefinitions, or the tool creates them",
    run: ({via, lacksDefinitions}) =>
      lacksDefinitions && (via === 'helm' || via === 'none')
        ? [
            {
              message: `the cluster lacks Istio's CustomResourceDefinitions, and ${via === 'helm' ? 'the istiod chart' : '--via none'} does not create them`,
              hints: [
                'helm install istio-base istio/base -n istio-system --create-namespace --set defaultRevision=',
                'or use --via istioctl',
              ],
            },
          ]
        : [],
  },
]

/**
 * A record of version 0.1.0 has no list of members. Its settings are not used, so the plan shows what it would change. A list
 * would decide what is deleted.
 */
function unprovedFinding(record: KubernetesObject): Finding {
  const {name, namespace} = record.metadata
  if (parseMembers(record) === undefined)
    return {
      level: 'warning',
      message: `nothing proves that kubectl-mesh created ConfigMap ${name} in namespace ${namespace}; its settings are ignored`,
    }
  return {
    message: `nothing proves that kubectl-mesh created ConfigMap ${name} in namespace ${namespace}, which lists objects to delete`,
    hints: [
      'whoever administers the namespace may have created it; review it, then delete it:',
      `kubectl -n ${namespace} delete configmap ${name}`,
    ],
  }
}

/** The labels that a namespace will have, if it belongs to the tenant. */
function labelsAfter(live: readonly KubernetesObject[], name: string, {key, value}: Label): Record<string, string> {
  return {...labelsOf(live, name), [key]: value}
}

function labelsOf(live: readonly KubernetesObject[], name: string): Record<string, string> {
  return live.find(({metadata}) => metadata.name === name)?.metadata.labels ?? {}
}

function sameLabelFindings({name, label}: Tenant, selector: Label): Finding[] {
  if (label?.key !== selector.key || label.value !== selector.value) return []
  return [
    {
      message: `${name} already has the selector label ${selector.key}=${selector.value}`,
      hints: ['set another one with --selector-label'],
    },
  ]
}

function watcherFindings(namespace: string, others: readonly Tenant[], {names, live}: TenantAddSubject): Finding[] {
  const labels = labelsAfter(live, namespace, names.selector)
  return others
    .filter(
      ({selectors, trustBundle, installed}) =>
        installed && trustBundle === 'istio-ca-root-cert' && isDiscovered(selectors, labels),
    )
    .map(({name, selectors}) => ({
      level: 'warning',
      message: `namespace ${namespace} is also watched by ${name}, ${selectors.length === 0 ? 'which has no discoverySelectors' : 'whose discoverySelectors match it'}; both control planes write the ConfigMap istio-ca-root-cert there`,
      hints: [`set discoverySelectors for ${name}, or a different values.global.trustBundleName for one of the two`],
    }))
}

function labelFindings(namespace: string, {names, live, tenants}: TenantAddSubject): Finding[] {
  const {'istio-injection': injection, [revisionLabel]: revision} = labelsOf(live, namespace)
  if (injection !== undefined) return [injectionConflict(namespace, injection)]
  if (revision !== undefined && revision !== names.revision)
    return [
      {
        message: `namespace ${namespace} is labelled istio.io/rev=${revision}`,
        hints: [`to move it: kubectl mesh tenant assign ${names.name} ${namespace}`],
      },
    ]
  const owner = tenants.find(tenant => tenant.namespace === namespace)
  return owner ? [{message: `${namespace} is the system namespace of ${owner.name}`}] : []
}

function otherDefault(revision: string, isDefault: boolean): Finding {
  if (isDefault)
    return {
      message: `revision ${revision} is already the default of the cluster`,
      hints: ['omit --default; to move the default: istioctl tag set default --overwrite'],
    }
  return {
    level: 'warning',
    message: `revision ${revision} is the default of the cluster; it validates resources without istio.io/rev and injects namespaces with istio-injection=enabled`,
  }
}
