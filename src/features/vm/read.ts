import {isTenantOf} from '../../control-plane/read.ts'
import {isDefined} from '../../control-plane/read-definitions.ts'
import {readTrustedMembership} from '../../control-plane/trusted-membership.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {networkLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {MembershipOptions} from '../../engine/plan/membership.ts'
import {names, revisioned, tenantRecord} from '../../istio/names.ts'
import {readFormerSet} from '../../mesh/former-set.ts'
import {isTrustedGateway} from '../../mesh/gateway-services.ts'
import {namedGatewaysIn} from '../../mesh/gateways/named.ts'
import {isIstiodExposed} from '../../mesh/objects-expose-istiod.ts'
import {readFederationRecord} from '../../mesh/read.ts'
import {passthroughHosts} from '../../mesh/services/gateway-hosts.ts'
import type {VmFacts, VmLocation} from './facts.ts'
import {readVmControlPlane, type VmControlPlane} from './istio-control-plane.ts'
import {istiodPort} from './istio-workloads.ts'
import {vmAnchorName, vmApplySet} from './objects.ts'

/** How the objects of a VM are recognized. */
interface OwnershipOptions extends MembershipOptions {
  /** Field manager of our writes. */
  manager: string
}

const networking = 'networking.istio.io/v1'

/**
 * Reads everything about one VM and its control plane. Writes nothing.
 *
 * @param options how the objects of the VM are recognized
 * @throws UnreachableError, ApiError
 */
export async function readVmFacts(cluster: Cluster, vm: VmLocation, options: OwnershipOptions): Promise<VmFacts> {
  const {namespace, systemNamespace} = vm
  const [
    hasIstioCrds,
    {controlPlanes, isTenant},
    found,
    accounts,
    groups,
    entries,
    serviceEntries,
    services,
    gateways,
    listeners,
    routes,
    ownership,
  ] = await Promise.all([
    isDefined(cluster, 'workloadgroups.networking.istio.io'),
    readControlPlanes(cluster, vm),
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: namespace}),
    cluster.list({apiVersion: 'v1', kind: 'ServiceAccount'}, {namespace}),
    cluster.list({apiVersion: networking, kind: 'WorkloadGroup'}, {namespace}),
    cluster.list({apiVersion: networking, kind: 'WorkloadEntry'}),
    cluster.list({apiVersion: networking, kind: 'ServiceEntry'}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {namespace}),
    readGateways(cluster, vm),
    cluster.list({apiVersion: networking, kind: 'Gateway'}),
    cluster.list({apiVersion: networking, kind: 'VirtualService'}, {namespace: systemNamespace}),
    readOwnership(cluster, vm, options),
  ])
  const controlPlane = controlPlanes.find(({revision}) => revision === (vm.revision ?? 'default'))
  return {
    cluster,
    hasIstioCrds,
    controlPlane,
    revisions: controlPlanes.map(({revision}) => revision),
    isTenant,
    namespace: found,
    accounts: new Map(accounts.map(account => [account.metadata.name, account])),
    groups,
    entries,
    serviceEntries: serviceEntries.filter(({metadata}) => metadata.namespace === namespace),
    foreignEntries: serviceEntries.filter(({metadata}) => metadata.namespace !== namespace),
    services,
    ...gateways,
    passthrough: listeners.filter(gateway => passthroughHosts(gateway).length > 0),
    exposed: isIstiodExposed(
      [...listeners.filter(({metadata}) => metadata.namespace === systemNamespace), ...routes],
      vm,
    ),
    root: controlPlane && (await readRoot(cluster, controlPlane)),
    ...ownership,
  }
}

/** What shows which objects belong to a VM. */
async function readOwnership(cluster: Cluster, vm: VmLocation, options: OwnershipOptions) {
  const ref = {apiVersion: 'v1', namespace: vm.namespace, name: vmAnchorName(vm.name)}
  const set = vmApplySet(vm)
  const [membership, former, anchor, copy] = await Promise.all([
    readTrustedMembership(cluster, set, options),
    readFormerSet(cluster, set),
    cluster.get({...ref, kind: 'Secret'}),
    cluster.get({...ref, kind: 'ConfigMap'}),
  ])
  const owns = (object: KubernetesObject) => membership.owns(object) || membership.adopts(object, options.manager)
  return {membership, former, anchor, copy, owns}
}

/** All control planes of a system namespace, and whether the requested one is a tenant. */
async function readControlPlanes(
  cluster: Cluster,
  {systemNamespace: namespace, revision: requested}: VmLocation,
): Promise<{controlPlanes: VmControlPlane[]; isTenant: boolean}> {
  const [deployments, tenant] = await Promise.all([
    cluster.list({apiVersion: 'apps/v1', kind: 'Deployment'}, {namespace, labelSelector: 'app=istiod'}),
    cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: tenantRecord}),
  ])
  const controlPlanes = await Promise.all(
    deployments.map(async deployment => {
      const revision = deployment.metadata.labels?.['istio.io/rev']
      const configMap = (name: string) =>
        cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: revisioned(name, revision)})
      const [mesh, injector] = await Promise.all([configMap('istio'), configMap('istio-sidecar-injector')])
      return readVmControlPlane(deployment, mesh, injector)
    }),
  )
  return {controlPlanes, isTenant: isTenantOf(tenant, requested, deployments)}
}

/** In a mesh with a single network, the east-west gateway may lack the network label. So it is also read by its name. */
async function readGateways(
  cluster: Cluster,
  {systemNamespace}: VmLocation,
): Promise<Pick<VmFacts, 'gateways' | 'networkGateways' | 'otherGateways' | 'isFederated'>> {
  const [record, eastWest, labelled] = await Promise.all([
    readFederationRecord(cluster, {systemNamespace}),
    cluster.get({apiVersion: 'v1', kind: 'Service', namespace: systemNamespace, name: names.gateway}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {labelSelector: networkLabel}),
  ])
  const others = labelled.filter(
    ({metadata}) => metadata.name !== eastWest?.metadata.name || metadata.namespace !== eastWest?.metadata.namespace,
  )
  const all = eastWest ? [eastWest, ...others] : others
  // A Service elsewhere could lead machines to another istiod.
  const trust = {systemNamespace, namedGateways: namedGatewaysIn(record)}
  const trusted = all.filter(service => isTrustedGateway(service, trust))
  return {
    gateways: trusted.filter(leadsToIstiod),
    networkGateways: trusted.filter(({metadata}) => metadata.labels?.[networkLabel]),
    otherGateways: all.filter(service => !trusted.includes(service)),
    isFederated: record !== undefined,
  }
}

/** Whether a gateway Service has the port of istiod. */
function leadsToIstiod({spec}: KubernetesObject): boolean {
  return ((spec as {ports?: {port: number}[]} | undefined)?.ports ?? []).some(({port}) => port === istiodPort)
}

/**
 * The root certificate for machines, PEM. Undefined when istiod has not published it.
 *
 * Threat: machines trust every istiod whose certificate it signs. So it is read only from the control plane's namespace, and
 * never from the namespace of the VM, where other users can write.
 *
 * @throws UnreachableError, ApiError
 */
export async function readRoot(cluster: Cluster, controlPlane: VmControlPlane): Promise<string | undefined> {
  const {namespace, rootConfigMap: name} = controlPlane
  const map = await cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name})
  return (map?.data as Record<string, string> | undefined)?.['root-cert.pem'] || undefined
}
