import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Check} from '../../findings/check.ts'
import {wantedRevision} from '../../istio/injection.ts'
import {contradiction} from './checks-add.ts'
import type {Tenant} from './istio.ts'

/** What is looked at before namespaces are moved. */
export interface TenantAssignSubject {
  tenant: Tenant
  tenants: readonly Tenant[]
  /** Namespaces to move, in the order they were said. */
  namespaces: readonly string[]
  remove: boolean
  live: readonly KubernetesObject[]
  tags: ReadonlyMap<string, string>
}

function liveOf({live}: TenantAssignSubject, name: string): KubernetesObject | undefined {
  return live.find(({metadata}) => metadata.name === name)
}

/** Refuses what would leave a namespace half with one tenant and half with another. */
export const tenantAssignChecks: readonly Check<TenantAssignSubject>[] = [
  {
    id: 'namespaces-there',
    about: 'the namespaces are there',
    run: subject =>
      subject.namespaces
        .filter(name => liveOf(subject, name) === undefined)
        .map(name => ({
          message: `there is no namespace ${name}`,
          hints: [`kubectl mesh tenant add ${subject.tenant.name} --namespaces ${name} makes it`],
        })),
  },
  {
    id: 'no-system-namespace',
    about: "none is a tenant's system namespace, or Kubernetes' own",
    run: ({namespaces, tenants}) =>
      namespaces.flatMap(name => {
        const owner = tenants.find(({namespace}) => namespace === name)
        if (owner) return [{message: `${name} is the system namespace of ${owner.name}`}]
        return name.startsWith('kube-') ? [{message: `${name} belongs to Kubernetes and can't be a tenant's`}] : []
      }),
  },
  {
    id: 'label-known',
    about: 'the tenant is chosen by one label',
    run: ({tenant, remove}) =>
      tenant.label || remove
        ? []
        : [
            {
              message:
                tenant.selectors.length === 0
                  ? `${tenant.name} has no discoverySelectors: it watches all namespaces`
                  : `the discoverySelectors of ${tenant.name} are no single label, so there is no telling which to set`,
              hints: ['label the namespaces by hand: its selector, and istio.io/rev'],
            },
          ],
  },
  {
    id: 'no-contradiction',
    about: 'none has istio-injection beside istio.io/rev',
    run: subject =>
      subject.remove
        ? []
        : subject.namespaces.flatMap(name => {
            const injection = liveOf(subject, name)?.metadata.labels?.['istio-injection']
            return injection === undefined ? [] : [contradiction(name, injection)]
          }),
  },
  {
    id: 'is-member',
    about: 'what leaves was in it',
    run: subject =>
      subject.remove
        ? subject.namespaces.flatMap(name => {
            const namespace = liveOf(subject, name)
            const {tenant, tags} = subject
            if (!namespace) return []
            const {label} = tenant
            const isIn =
              (label && namespace.metadata.labels?.[label.key] === label.value) ||
              wantedRevision(namespace, tags) === tenant.revision
            return isIn ? [] : [{level: 'warning' as const, message: `${name} is not in ${tenant.name}`}]
          })
        : [],
  },
]
