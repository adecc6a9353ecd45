import type {Cluster} from '../../engine/cluster/cluster.ts'
import {networkLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {membersOf} from '../../engine/plan/prune.ts'
import {names, revisioned} from '../../istio/names.ts'
import {isIstiodExposed} from '../../mesh/objects-expose-istiod.ts'
import type {VmFacts, VmLocation} from './facts.ts'
import {readVmControlPlane, type VmControlPlane} from './istio-control-plane.ts'
import {istiodPort} from './istio-workloads.ts'
import {vmApplySet, vmSetName} from './objects.ts'

const networking = 'networking.istio.io/v1'

/**
 * Reads everything about one VM and its control plane. Writes nothing.
 *
 * @throws UnreachableError, ApiError
 */
export async function readVmFacts(cluster: Cluster, vm: VmLocation): Promise<VmFacts> {
  const {name, namespace, systemNamespace} = vm
  const [
    crd,
    controlPlanes,
    found,
    accounts,
    groups,
    entries,
    serviceEntries,
    services,
    gateways,
    exposure,
    created,
    parent,
  ] = await Promise.all([
    cluster.get({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      name: 'workloadgroups.networking.istio.io',
    }),
    readControlPlanes(cluster, systemNamespace),
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
    membersOf(cluster, vmApplySet(vm)),
    cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: vmSetName(name)}),
  ])
  const controlPlane = controlPlanes.find(({revision}) => revision === (vm.revision ?? 'default'))
  return {
    cluster,
    hasIstioCrds: crd !== undefined,
    controlPlane,
    revisions: controlPlanes.map(({revision}) => revision),
    namespace: found,
    accounts: new Map(accounts.map(account => [account.metadata.name, account])),
    groups,
    entries,
    serviceEntries,
    services,
    gateways: gateways.filter(leadsToIstiod),
    networkGateways: gateways.filter(({metadata}) => metadata.labels?.[networkLabel]),
    exposed: isIstiodExposed(exposure.flat(), vm),
    root: controlPlane && (await readRoot(cluster, controlPlane, namespace)),
    created,
    parent,
  }
}

/** All control planes of a system namespace. */
async function readControlPlanes(cluster: Cluster, namespace: string): Promise<VmControlPlane[]> {
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

/** In a mesh with a single network, the east-west gateway may lack the network label. So it is also read by its name. */
async function readGateways(cluster: Cluster, systemNamespace: string): Promise<KubernetesObject[]> {
  const [eastWest, labelled] = await Promise.all([
    cluster.get({apiVersion: 'v1', kind: 'Service', namespace: systemNamespace, name: names.gateway}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {labelSelector: networkLabel}),
  ])
  const others = labelled.filter(
    ({metadata}) => metadata.name !== eastWest?.metadata.name || metadata.namespace !== eastWest?.metadata.namespace,
  )
  return eastWest ? [eastWest, ...others] : others
}

/** Whether a gateway Service has the port of istiod. */
function leadsToIstiod({spec}: KubernetesObject): boolean {
  return ((spec as {ports?: {port: number}[]} | undefined)?.ports ?? []).some(({port}) => port === istiodPort)
}

/**
 * The root certificate for machines of a namespace, PEM. Until istiod has published it there, it is read from the system
 * namespace. Undefined when neither has it.
 *
 * @throws UnreachableError, ApiError
 */
export async function readRoot(
  cluster: Cluster,
  controlPlane: VmControlPlane,
  namespace: string,
): Promise<string | undefined> {
  for (const place of [namespace, controlPlane.namespace]) {
    const map = await cluster.get({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: place,
      name: controlPlane.rootConfigMap,
    })
    const pem = (map?.data as Record<string, string> | undefined)?.['root-cert.pem']
    if (pem) return pem
  }
  return undefined
}
