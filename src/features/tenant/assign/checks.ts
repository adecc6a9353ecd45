import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check} from '../../../findings/check.ts'
import type {ZtunnelSettings} from '../../../istio/ambient.ts'
import {wantedRevision} from '../../../istio/injection.ts'
import {ambientFindings} from '../ambient/checks.ts'
import {injectionConflict} from '../checks-injection.ts'
import type {Tenant} from '../istio.ts'

/** The requested change and the facts that its checks need. */
export interface TenantAssignSubject {
  tenant: Tenant
  /** All tenants of the cluster. */
  tenants: readonly Tenant[]
  /** Namespaces to move, in the order in which they were given. */
  namespaces: readonly string[]
  /** The namespaces leave the tenant. */
  remove: boolean
  /** All namespaces of the cluster. */
  live: readonly KubernetesObject[]
  /** Revision by tag. */
  tags: ReadonlyMap<string, string>
  /** The ztunnels, if namespaces in ambient mode move to the tenant. */
  ztunnels: readonly ZtunnelSettings[]
}

/** Checks before namespaces move, so that no namespace belongs to two tenants in part. */
export const tenantAssignChecks: readonly Check<TenantAssignSubject>[] = [
  {
    id: 'namespaces-there',
    about: 'the namespaces exist',
    run: subject =>
      subject.namespaces
        .filter(name => liveOf(subject, name) === undefined)
        .map(name => ({
          // Nothing has to be removed from a namespace that does not exist.
          ...(subject.remove ? {level: 'warning'} : {}),
          message: `there is no namespace ${name}`,
          hints: subject.remove
            ? [`namespaces of ${subject.tenant.name}: ${membersOf(subject).join(', ') || 'none'}`]
            : [`to create it: kubectl mesh tenant add ${subject.tenant.name} --namespaces ${name}`],
        })),
  },
  {
    id: 'no-system-namespace',
    about: 'no namespace is the system namespace of a tenant or reserved for Kubernetes',
    run: ({namespaces, tenants}) =>
      namespaces.flatMap(name => {
        const owner = tenants.find(({namespace}) => namespace === name)
        if (owner) return [{message: `${name} is the system namespace of ${owner.name}`}]
        return name.startsWith('kube-')
          ? [{message: `namespace ${name} is reserved for Kubernetes and cannot belong to a tenant`}]
          : []
      }),
  },
  {
    id: 'label-known',
    about: 'the discovery selectors of the tenant are a single label',
    run: ({tenant, remove}) =>
      tenant.label || remove
        ? []
        : [
            {
              message:
                tenant.selectors.length === 0
                  ? `${tenant.name} has no discoverySelectors; it watches all namespaces`
                  : `the discoverySelectors of ${tenant.name} are not a single label; the labels to set are unknown`,
              hints: ['label the namespaces manually, to match the discoverySelectors and with istio.io/rev'],
            },
          ],
  },
  {
    id: 'no-contradiction',
    about: 'no namespace has the label istio-injection',
    run: subject =>
      subject.remove
        ? []
        : subject.namespaces.flatMap(name => {
            const injection = liveOf(subject, name)?.metadata.labels?.['istio-injection']
            return injection === undefined ? [] : [injectionConflict(name, injection)]
          }),
  },
  {
    id: 'ambient',
    about: 'the istiod of the tenant configures ztunnel, if a namespace is in ambient mode',
    run: ({tenant, namespaces, live, ztunnels}) =>
      ambientFindings(
        live.filter(({metadata}) => namespaces.includes(metadata.name)),
        ztunnels,
        {name: tenant.name, systemNamespace: tenant.namespace},
      ),
  },
  {
    id: 'is-member',
    about: 'namespaces to remove belong to the tenant',
    run: subject =>
      subject.remove
        ? subject.namespaces
            .filter(name => !isMember(liveOf(subject, name), subject))
            .map(name => ({level: 'warning', message: `namespace ${name} does not belong to ${subject.tenant.name}`}))
        : [],
  },
]

function membersOf(subject: TenantAssignSubject): string[] {
  return subject.live.filter(namespace => isMember(namespace, subject)).map(({metadata}) => metadata.name)
}

function liveOf({live}: TenantAssignSubject, name: string): KubernetesObject | undefined {
  return live.find(({metadata}) => metadata.name === name)
}

/** Whether a namespace belongs to a tenant. True for a namespace that does not exist, which another check reports. */
export function isMember(
  namespace: KubernetesObject | undefined,
  {tenant: {label, revision}, tags}: Pick<TenantAssignSubject, 'tenant' | 'tags'>,
): boolean {
  if (!namespace) return true
  const isLabelled = label !== undefined && namespace.metadata.labels?.[label.key] === label.value
  return isLabelled || wantedRevision(namespace, tags) === revision
}
