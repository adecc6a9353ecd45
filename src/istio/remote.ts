import {isIP} from 'node:net'
import type {KubernetesObject, ObjectRef} from '../engine/kubernetes/object.ts'
import {webhooksOf} from './injection.ts'
import type {ControlPlaneInput} from './render/input.ts'
import {compactTree, type Tree} from './render/tree.ts'

/**
 * A remote cluster has no istiod: its Service `istiod[-rev]` leads to the gateway of another cluster, its webhook asks that
 * istiod for injection, and an annotation on its system namespace says whose istiod may write there (istio.io, "Install
 * Primary-Remote"; manifests/charts/istio-control/istio-discovery with the profile remote, 1.24–1.31).
 */

/** Ports of the primary's gateway that remotes dial: XDS and certificates, and webhooks. */
export const istiodPorts = {xds: 15012, webhook: 15017} as const

/** Path by which a webhook tells istiod for which cluster and network it injects (pkg/kube/inject/webhook.go, parseInjectEnvs). */
export function injectionPath(cluster: string, network: string | undefined): string {
  return `/inject/cluster/${cluster}${network ? `/net/${network}` : ''}`
}

/** Name of the webhook configuration that injects for a revision (the chart's mutatingwebhook.yaml). */
export function injectorName(where: {systemNamespace: string; revision: string | undefined}): string {
  const {systemNamespace, revision} = where
  const suffix = revision && revision !== 'default' ? `-${revision}` : ''
  return `istio-sidecar-injector${suffix}${systemNamespace === 'istio-system' ? '' : `-${systemNamespace}`}`
}

/** The webhook configuration that injects for a revision. */
export function injectorRef(where: {systemNamespace: string; revision: string | undefined}): ObjectRef {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    name: injectorName(where),
  }
}

/** What a webhook configuration says of the cluster that it injects for; all undefined for one of a cluster's own istiod. */
export function readInjector(injector: KubernetesObject | undefined): {
  cluster: string | undefined
  network: string | undefined
  /** Port of the Service that it dials. */
  port: number
  /** istiod has put its authority into every webhook: from then on it answers. */
  trusted: boolean
} {
  const webhooks = injector ? webhooksOf(injector) : []
  const {service, url} = webhooks[0]?.clientConfig ?? {}
  const path = service?.path ?? (url && URL.canParse(url) ? new URL(url).pathname : '')
  const [, ...words] = path.split('/').filter(word => word !== '')
  const after = (key: string) => words.find((_, at) => at % 2 === 1 && words[at - 1] === key)
  return {
    cluster: after('cluster'),
    network: after('net'),
    port: service?.port ?? 443,
    trusted: webhooks.length > 0 && webhooks.every(({clientConfig}) => Boolean(clientConfig?.caBundle)),
  }
}

/** Where a remote's Service `istiod[-rev]` leads: a host name, or the addresses of its EndpointSlices; empty for one with a selector. */
export function istiodAddressesOf(
  service: KubernetesObject | undefined,
  slices: readonly KubernetesObject[],
): readonly string[] {
  const spec = service?.spec as {externalName?: string; selector?: object} | undefined
  if (!spec || spec.selector) return []
  if (spec.externalName) return [spec.externalName]
  return slices.flatMap(slice =>
    ((slice.endpoints ?? []) as {addresses?: string[]}[]).flatMap(({addresses = []}) => addresses),
  )
}

/** Whether the clusters that an annotation `topology.istio.io/controlPlaneClusters` lists are this one, or all. */
export function isLedBy(annotation: string | undefined, cluster: string): boolean {
  return (annotation ?? '').split(',').some(one => one === '*' || one === cluster)
}

/** Values of the charts, beside the profile `remote`, that make a cluster a remote. Nobody reads what a validator there would look at. */
export function remoteValues(address: string, cluster: string, network: string | undefined): Tree {
  return compactTree({
    defaultRevision: '',
    global: {remotePilotAddress: address},
    istiodRemote: {injectionPath: injectionPath(cluster, network)},
  })
}

/** The profile of remotes, for all tools. */
export const remoteProfile: ControlPlaneInput['profile'] = 'remote'

/** An EndpointSlice's family can't be changed: one of IPv6 gets a name of its own, so that the other can go. */
export function withSliceOfFamily(object: KubernetesObject, address: string): KubernetesObject {
  if (object.kind !== 'EndpointSlice' || isIP(address) !== 6) return object
  return {...object, metadata: {...object.metadata, name: `${object.metadata.name}-ipv6`}}
}

/**
 * A rendered webhook configuration, put right for a primary that is reached by a host name: the chart makes Service
 * `istiod` an ExternalName then, and an API server dials that name at the webhook's port as it stands (443), since nothing
 * maps the ports of an ExternalName (apiserver pkg/util/proxy, ResolveCluster). Other objects come back as they are.
 */
export function withWebhookPort(object: KubernetesObject, address: string): KubernetesObject {
  if (isIP(address) || object.kind !== 'MutatingWebhookConfiguration') return object
  const webhooks = webhooksOf(object).map(webhook => {
    const {service} = webhook.clientConfig ?? {}
    if (!service) return webhook
    return {...webhook, clientConfig: {...webhook.clientConfig, service: {...service, port: istiodPorts.webhook}}}
  })
  return {...object, webhooks}
}
