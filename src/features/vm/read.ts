import type {Cluster} from '../../engine/cluster/cluster.ts'
import {applySetId, partOfLabel} from '../../engine/kubernetes/applyset.ts'
import {networkLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {membersOf} from '../../engine/plan/prune.ts'
import {names, revisioned} from '../../istio/names.ts'
import {addressesOf} from '../../mesh/gateway-services.ts'
import {isIstiodExposed} from '../../mesh/objects-expose-istiod.ts'
import {readVmControlPlane, type VmControlPlane} from './istio.ts'
import {vmApplySet, vmSetName} from './objects.ts'
import {clusterServiceOf} from './spec.ts'

const networking = 'networking.istio.io/v1'

/** Which VM of which control plane. */
export interface VmWhere {
  name: string
  namespace: string
  systemNamespace: string
  revision: string | undefined
}

/** Everything that was read before a VM is registered, renewed, verified or removed. Objects are as the server gave them. */
export interface VmFacts {
  cluster: Cluster
  hasIstioCrds: boolean
  /** The control plane of the revision. */
  plane: VmControlPlane | undefined
  /** Revisions of all control planes in the system namespace. */
  revisions: string[]
  namespace: KubernetesObject | undefined
  /** Accounts of the namespace, by name. */
  accounts: Map<string, KubernetesObject>
  /** WorkloadGroups of the namespace. */
  groups: KubernetesObject[]
  /** WorkloadEntries of all namespaces. */
  entries: KubernetesObject[]
  /** ServiceEntries and Services of the namespace. */
  serviceEntries: KubernetesObject[]
  services: KubernetesObject[]
  /** Services through which istiod can be reached (port 15012), the usual one first. */
  gateways: KubernetesObject[]
  /** Services that lead into a network. */
  networkGateways: KubernetesObject[]
  exposed: boolean
  /** Root that machines of this namespace are to trust, PEM; undefined before istiod has put it there. */
  root: string | undefined
  /** What an earlier registration of this VM made. */
  made: KubernetesObject[]
  /** ConfigMap that remembers the registration. */
  parent: KubernetesObject | undefined
}

/** Reads all about one VM; nothing is written. Throws `UnreachableError` or `ApiError`. */
export async function readVmFacts(cluster: Cluster, where: VmWhere): Promise<VmFacts> {
  const {name, namespace, systemNamespace} = where
  const [crd, planes, found, accounts, groups, entries, serviceEntries, services, gateways, exposure, made, parent] =
    await Promise.all([
      cluster.get({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        name: 'workloadgroups.networking.istio.io',
      }),
      readVmPlanes(cluster, systemNamespace),
      cluster.get({apiVersion: 'v1', kind: 'Namespace', name: namespace}),
      cluster.list({apiVersion: 'v1', kind: 'ServiceAccount'}, {namespace}),
      cluster.list({apiVersion: networking, kind: 'WorkloadGroup'}, {namespace}),
      cluster.list({apiVersion: networking, kind: 'WorkloadEntry'}),
      cluster.list({apiVersion: networking, kind: 'ServiceEntry'}, {namespace}),
      cluster.list({apiVersion: 'v1', kind: 'Service'}, {namespace}),
      readGateways(cluster, systemNamespace),
      Promise.all([
        cluster.list({apiVersion: networking, kind: 'Gateway'}, {namespace: systemNamespace}),
        cluster.list({apiVersion: networking, kind: 'VirtualService'}, {namespace: systemNamespace}),
      ]),
      membersOf(cluster, vmApplySet(where)),
      cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: vmSetName(name)}),
    ])
  const plane = planes.find(({revision}) => revision === (where.revision ?? 'default'))
  return {
    cluster,
    hasIstioCrds: crd !== undefined,
    plane,
    revisions: planes.map(({revision}) => revision),
    namespace: found,
    accounts: new Map(accounts.map(account => [account.metadata.name, account])),
    groups,
    entries,
    serviceEntries,
    services,
    gateways: gateways.filter(hasPort15012),
    networkGateways: gateways.filter(({metadata}) => metadata.labels?.[networkLabel]),
    exposed: isIstiodExposed(exposure.flat(), where),
    root: plane && (await readRoot(cluster, plane, namespace)),
    made,
    parent,
  }
}

/** Every istiod of a namespace, with what machines have to know. */
async function readVmPlanes(cluster: Cluster, namespace: string): Promise<VmControlPlane[]> {
  const deployments = await cluster.list(
    {apiVersion: 'apps/v1', kind: 'Deployment'},
    {namespace, labelSelector: 'app=istiod'},
  )
  return Promise.all(
    deployments.map(async deployment => {
      const revision = deployment.metadata.labels?.['istio.io/rev']
      const configMap = (name: string) =>
        cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: revisioned(name, revision)})
      const [mesh, injector] = await Promise.all([configMap('istio'), configMap('istio-sidecar-injector')])
      return readVmControlPlane(deployment, mesh, injector)
    }),
  )
}

/** The east-west gateway may lack a network label, where there is one network only. */
async function readGateways(cluster: Cluster, systemNamespace: string): Promise<KubernetesObject[]> {
  const [usual, labelled] = await Promise.all([
    cluster.get({apiVersion: 'v1', kind: 'Service', namespace: systemNamespace, name: names.gateway}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {labelSelector: networkLabel}),
  ])
  const others = labelled.filter(
    ({metadata}) => metadata.name !== usual?.metadata.name || metadata.namespace !== usual?.metadata.namespace,
  )
  return usual ? [usual, ...others] : others
}

function hasPort15012({spec}: KubernetesObject): boolean {
  return ((spec as {ports?: {port: number}[]} | undefined)?.ports ?? []).some(({port}) => port === 15012)
}

/** The root for machines of a namespace, PEM; of the system namespace as long as istiod has not put it there. */
export async function readRoot(
  cluster: Cluster,
  plane: VmControlPlane,
  namespace: string,
): Promise<string | undefined> {
  for (const place of [namespace, plane.namespace]) {
    const map = await cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace: place, name: plane.rootConfigMap})
    const pem = (map?.data as Record<string, string> | undefined)?.['root-cert.pem']
    if (pem) return pem
  }
  return undefined
}

/** Addresses at which istiod can be reached from outside, of the first gateway that has any. */
export function gatewayAddressesOf(facts: VmFacts): string[] {
  return facts.gateways.map(addressesOf).find(addresses => addresses.length > 0) ?? []
}

/** Whether an object was made by this VM's registration. */
export function isOwn(object: KubernetesObject, where: {name: string; namespace: string}): boolean {
  return object.metadata.labels?.[partOfLabel] === applySetId(vmApplySet(where))
}

/** The object that already gives a host a meaning: a Service of that name or a ServiceEntry with that host. */
export function holderOf(facts: VmFacts, host: string, clusterDomain: string): KubernetesObject | undefined {
  const service = clusterServiceOf(host, clusterDomain)
  if (service) return facts.services.find(({metadata}) => metadata.name === service.name)
  return facts.serviceEntries.find(({spec}) => ((spec as {hosts?: string[]}).hosts ?? []).includes(host))
}

/** What a WorkloadEntry says of itself; of a group's template all but the address. */
export interface EntrySpec {
  address?: string
  labels?: Record<string, string>
  network?: string
  locality?: string
  serviceAccount?: string
  weight?: number
  ports?: Record<string, number>
}

/** The spec of a WorkloadEntry. */
export function entrySpecOf(entry: KubernetesObject): EntrySpec {
  return (entry.spec ?? {}) as EntrySpec
}

/** The template and labels of a WorkloadGroup, as an entry. */
export function templateOf(group: KubernetesObject): EntrySpec {
  const spec = group.spec as {metadata?: {labels?: Record<string, string>}; template?: EntrySpec} | undefined
  return {...spec?.template, labels: {...spec?.template?.labels, ...spec?.metadata?.labels}}
}

/** Name of the group whose machine registered itself as this entry (annotation of istiod's, 1.31). */
export function groupOfEntry(entry: KubernetesObject): string | undefined {
  return entry.metadata.annotations?.['istio.io/autoRegistrationGroup']
}
