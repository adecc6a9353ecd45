import {isIP} from 'node:net'
import type {KubernetesObject, ObjectRef} from '../engine/kubernetes/object.ts'
import {webhooksOf} from './injection.ts'
import type {ControlPlaneInput} from './render/input.ts'
import {compactTree, type Tree} from './render/tree.ts'

/**
 * A remote cluster has no istiod. Its Service `istiod[-revision]` points to the gateway of the primary cluster, and its
 * webhook calls the primary's istiod for injection. An annotation on its system namespace lists the clusters whose istiod
 * may manage it (istio.io, "Install Primary-Remote"; manifests/charts/istio-control/istio-discovery with the profile
 * remote, 1.24–1.31).
 */

/** The ports of the primary's gateway that remote clusters connect to: XDS and certificates, and webhooks. */
export const istiodPorts = {xds: 15012, webhook: 15017} as const

/**
 * Returns the path of an injection webhook. istiod reads the cluster and the network of the injected pods from it
 * (pkg/kube/inject/webhook.go, parseInjectEnvs).
 */
export function injectionPath(cluster: string, network: string | undefined): string {
  return `/inject/cluster/${cluster}${network ? `/net/${network}` : ''}`
}

/** Returns the name of the webhook configuration that injects for a revision (the chart's mutatingwebhook.yaml). */
export function injectorName(where: {systemNamespace: string; revision: string | undefined}): string {
  const {systemNamespace, revision} = where
  const suffix = revision && revision !== 'default' ? `-${revision}` : ''
  return `istio-sidecar-injector${suffix}${systemNamespace === 'istio-system' ? '' : `-${systemNamespace}`}`
}

/** Returns a reference to the webhook configuration that injects for a revision. */
export function injectorRef(where: {systemNamespace: string; revision: string | undefined}): ObjectRef {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    name: injectorName(where),
  }
}

/**
 * Returns how a webhook configuration injects. Cluster and network come from the webhook's path and are undefined for a
 * cluster that has its own istiod.
 */
export function readInjector(injector: KubernetesObject | undefined): {
  cluster: string | undefined
  network: string | undefined
  /** Port of the Service that the API server calls. */
  port: number
  /** istiod has set its CA bundle in every webhook. Before that, the API server cannot call them. */
  trusted: boolean
} {
  const webhooks = injector ? webhooksOf(injector) : []
  const {service, url} = webhooks[0]?.clientConfig ?? {}
  const path = service?.path ?? (url && URL.canParse(url) ? new URL(url).pathname : '')
  const [, ...segments] = path.split('/').filter(segment => segment !== '')
  const valueAfter = (key: string) => segments.find((_, at) => at % 2 === 1 && segments[at - 1] === key)
  return {
    cluster: valueAfter('cluster'),
    network: valueAfter('net'),
    port: service?.port ?? 443,
    trusted: webhooks.length > 0 && webhooks.every(({clientConfig}) => Boolean(clientConfig?.caBundle)),
  }
}

/**
 * Returns where a remote cluster's Service `istiod[-revision]` points to: a host name, or the addresses of its
 * EndpointSlices. The list is empty for a Service with a selector.
 */
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

/** Returns whether an annotation `topology.istio.io/controlPlaneClusters` lists a cluster, or all clusters (`*`). */
export function isControlledBy(annotation: string | undefined, cluster: string): boolean {
  return (annotation ?? '').split(',').some(listed => listed === '*' || listed === cluster)
}

/** Returns the chart values that make a cluster a remote, in addition to the profile `remote`. */
export function remoteValues(address: string, cluster: string, network: string | undefined): Tree {
  return compactTree({
    // A remote cluster has no istiod to call, so it gets no default validator.
    defaultRevision: '',
    global: {remotePilotAddress: address},
    istiodRemote: {injectionPath: injectionPath(cluster, network)},
  })
}

/** The profile of remote clusters, for every rendering tool. */
export const remoteProfile: ControlPlaneInput['profile'] = 'remote'

/**
 * Returns an EndpointSlice renamed for IPv6; any other object is returned unchanged. The address type of an EndpointSlice
 * is immutable, so each IP family needs a separate name.
 */
export function withSliceOfFamily(object: KubernetesObject, address: string): KubernetesObject {
  if (object.kind !== 'EndpointSlice' || isIP(address) !== 6) return object
  return {...object, metadata: {...object.metadata, name: `${object.metadata.name}-ipv6`}}
}

/**
 * Returns a webhook configuration with the port that a primary with a host name requires; any other object is returned
 * unchanged. For a host name, the chart renders Service `istiod` as an ExternalName. The API server calls that name on the
 * webhook's own port (443), because an ExternalName does not map ports (apiserver pkg/util/proxy, ResolveCluster).
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
