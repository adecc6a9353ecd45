import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import {wantedRevision} from '../../../istio/injection.ts'
import {tenantRecord} from '../../../istio/names.ts'
import {isDiscovered} from '../../../istio/selectors.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {type Tenant, watches} from '../istio.ts'
import {istiodName} from '../istio-pods.ts'
import {formatLabel} from '../spec-names.ts'
import type {TenantSubject} from './subject.ts'

/** Checks of a tenant's istiod, and of its separation from other control planes. */
export const controlPlaneChecks: readonly Check<TenantSubject>[] = [
  {
    id: 'istiod-ready',
    about: 'istiod is ready',
    run: ({tenant}) => {
      const {installed, ready, replicas, namespace} = tenant
      if (installed && ready >= replicas && ready > 0) return []
      const message = installed
        ? `istiod is not ready (${ready} of ${replicas})`
        : `there is no Deployment ${istiodName(tenant)} in namespace ${namespace}`
      return [{message, hints: [`kubectl -n ${namespace} get deployment,pod -l app=istiod`]}]
    },
  },
  {
    id: 'revision-unique',
    about: 'its revision is unique',
    run: ({tenant, facts}) =>
      facts.tenants
        .filter(other => other !== tenant && other.revision === tenant.revision && other.namespace !== tenant.namespace)
        .map(({namespace}) => ({
          message: `the control plane in namespace ${namespace} also has revision ${tenant.revision}; the two overwrite each other's webhooks`,
          hints: ['install one of the two with a different revision'],
        })),
  },
  {
    id: 'namespace-own',
    about: 'its system namespace contains no other control plane',
    run: ({tenant, facts}) =>
      facts.tenants
        .filter(other => other !== tenant && other.namespace === tenant.namespace)
        .map(other => ({
          level: hasSameSelectors(tenant, other) ? 'warning' : 'error',
          message: `namespace ${tenant.namespace} also contains revision ${other.revision}; only one of the two writes istio-ca-root-cert, and pods of the other hang in Init`,
          hints: ['install each control plane in a separate system namespace (istio issue 56594)'],
        })),
  },
  {
    id: 'record-agrees',
    about: 'its record agrees with its discovery selectors',
    run: ({tenant: {name, namespace, otherSelector, label}}) =>
      otherSelector === undefined
        ? []
        : [
            {
              message: `ConfigMap ${tenantRecord} in namespace ${namespace} has selector ${otherSelector}; expected ${label ? formatLabel(label) : 'a label that the discoverySelectors match'}`,
              hints: [`kubectl mesh tenant add ${shellWord(name)}`],
            },
          ],
  },
  {
    id: 'selects-itself',
    about: 'its discovery selectors match its system namespace',
    run: ({tenant, facts}) => {
      const {namespace: name, selectors, label} = tenant
      const namespace = facts.namespaces.find(({metadata}) => metadata.name === name)
      if (!namespace) return [{message: `there is no namespace ${name}`}]
      if (isDiscovered(selectors, namespace.metadata.labels ?? {})) return []
      return [
        {
          message: `its discovery selectors do not match namespace ${name}; istiod ignores the policies there`,
          hints: label ? [`kubectl label namespace ${name} ${shellWord(`${label.key}=${label.value}`)}`] : [],
        },
      ]
    },
  },
  {
    id: 'apart',
    about: 'no other tenant watches its namespaces',
    // With different trust bundles, two control planes can watch the same namespace.
    run: subject =>
      subject.facts.tenants
        .filter(other => other !== subject.tenant && other.trustBundle === subject.tenant.trustBundle)
        .flatMap(other => overlapFindings(subject, other)),
  },
  {
    id: 'mtls-strict',
    about: 'mTLS is STRICT',
    run: ({tenant, facts}) => {
      const mode = mtlsModeOf(tenant, facts.policies)
      if (mode === 'STRICT') return []
      const observed = mode === undefined ? 'no PeerAuthentication sets mTLS to STRICT' : `mTLS is ${mode}`
      return [
        {
          level: 'warning',
          message: `${observed}; workloads of other tenants can send requests in plain text`,
          hints: [`kubectl mesh tenant add ${tenant.name} --via none`],
        },
      ]
    },
  },
]

function hasSameSelectors(one: Tenant, other: Tenant): boolean {
  return JSON.stringify(one.selectors) === JSON.stringify(other.selectors)
}

function overlapFindings({tenant, facts}: TenantSubject, other: Tenant): Finding[] {
  if (!tenant.installed || !other.installed) return []
  return facts.namespaces
    .filter(namespace => watches(tenant, namespace) && watches(other, namespace))
    .filter(namespace => tenant.selectors.length > 0 || wantedRevision(namespace, facts.tags) === tenant.revision)
    .map(({metadata: {name}}) => ({
      message: `namespace ${name} is watched by ${tenant.name} and by ${other.name}`,
      hints: [
        other.selectors.length === 0
          ? `${other.name} has no discoverySelectors and watches all namespaces`
          : `kubectl mesh tenant assign ${tenant.name} ${name}`,
        'or set a different values.global.trustBundleName for one of the two',
      ],
    }))
}

/** The mode of the policy that applies to all workloads: in the root namespace, without a selector, for this revision. */
function mtlsModeOf({rootNamespace, revision}: Tenant, policies: readonly KubernetesObject[]): string | undefined {
  const policy = policies.find(({metadata, spec}) => {
    const label = metadata.labels?.[revisionLabel]
    const hasSelector = (spec as {selector?: unknown} | undefined)?.selector !== undefined
    return metadata.namespace === rootNamespace && !hasSelector && (label === undefined || label === revision)
  })
  return (policy?.spec as {mtls?: {mode?: string}} | undefined)?.mtls?.mode
}
