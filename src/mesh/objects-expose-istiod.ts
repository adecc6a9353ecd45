import type {Apply} from '../engine/kubernetes/change.ts'
import type {KubernetesObject, ObjectKind} from '../engine/kubernetes/object.ts'
import {waves} from '../engine/kubernetes/waves.ts'
import {names, revisioned} from '../istio/names.ts'
import {isReadBy, resourceLabels} from '../istio/revision.ts'

/** The control plane that the east-west gateway exposes. */
export interface IstiodExposure {
  cluster: string
  systemNamespace: string
  revision: string | undefined
  /** Further revisions whose istiods stay exposed, because proxies still use them. */
  others?: readonly (string | undefined)[]
  /** The control plane is a tenant: see `resourceLabels`. Default: false. */
  isTenant?: boolean
  clusterDomain: string
  /** Not a member of the command's ApplySet, so that `remove` keeps it: other commands use the exposure too. */
  stays: boolean
}

/** The kinds that `buildIstiodExposure` creates. */
export const istiodExposureKinds: readonly ObjectKind[] = [
  {apiVersion: 'networking.istio.io/v1', kind: 'Gateway'},
  {apiVersion: 'networking.istio.io/v1', kind: 'VirtualService'},
]

/** Returns the host name of istiod that proxies use and its certificate contains: `istiod[-rev].NS.svc`. */
export function istiodHost(where: {systemNamespace: string; revision: string | undefined}): string {
  return `${revisioned('istiod', where.revision)}.${where.systemNamespace}.svc`
}

/**
 * Returns the Gateway and VirtualService that expose istiod outside the cluster through the east-west gateway: port
 * 15012 for xDS and certificates, 15017 for webhooks. The gateway does not terminate TLS.
 *
 * Source: istio samples/multicluster/expose-istiod.yaml and expose-istiod-rev.yaml.tmpl (1.24–1.31), with a variable
 * namespace and cluster domain.
 */
export function buildIstiodExposure(exposure: IstiodExposure): Apply[] {
  const {cluster, systemNamespace: namespace, revision, others = [], isTenant = false} = exposure
  const labels = resourceLabels({isTenant, revision})
  const server = (name: string, number: number) => ({
    hosts: ['*'],
    port: {name, number, protocol: 'tls'},
    tls: {mode: 'PASSTHROUGH'},
  })
  const apply = (object: KubernetesObject): Apply => ({
    action: 'apply',
    cluster,
    wave: waves.listeners,
    ...(exposure.stays ? {stays: true} : {}),
    object,
  })
  return [
    apply({
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: {name: names.istiodGateway, namespace, labels},
      spec: {
        selector: {istio: 'eastwestgateway'},
        servers: [server('tls-istiod', 15012), server('tls-istiodwebhook', 15017)],
      },
    }),
    ...[revision, ...others].map(one => apply(routeToIstiod({...exposure, revision: one}, labels))),
  ]
}

/** Returns the name of the VirtualService that routes to the istiod of a revision. */
export function istiodRouteName(revision: string | undefined): string {
  return revisioned('istiod-vs', revision)
}

function routeToIstiod(exposure: IstiodExposure, labels: Record<string, string>): KubernetesObject {
  const {systemNamespace: namespace, revision, clusterDomain} = exposure
  const host = istiodHost(exposure)
  const isRevisioned = revisioned('', revision) !== ''
  const sniHosts = isRevisioned ? [host, `${host}.${clusterDomain}`] : ['*']
  const route = (port: number, to: number) => ({
    match: [{port, sniHosts}],
    route: [{destination: {host: `${host}.${clusterDomain}`, port: {number: to}}}],
  })
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: {name: istiodRouteName(revision), namespace, labels},
    spec: {hosts: ['*'], gateways: [names.istiodGateway], tls: [route(15012, 15012), route(15017, 443)]},
  }
}

interface GatewaySpec {
  servers?: {port?: {number?: number}}[]
}

interface VirtualServiceSpec {
  gateways?: string[]
  tls?: {match?: {port?: number; sniHosts?: string[]}[]; route?: {destination?: {host?: string}}[]}[]
}

/**
 * Returns whether istiod is exposed on all given ports, regardless of who created the objects. For each port, a Gateway
 * must have it, and a VirtualService of that Gateway must route istiod's host name to istiod. Only objects count that the
 * istiod of the revision reads.
 *
 * @param where.revision resolved, not a tag
 * @param objects Gateways and VirtualServices of the system namespace
 * @param ports 15012 for VMs; remotes also need 15017
 */
export function isIstiodExposed(
  objects: readonly KubernetesObject[],
  where: {systemNamespace: string; revision: string | undefined},
  ports: readonly number[] = [15012],
): boolean {
  const read = objects.filter(object => isReadBy(object, where.revision))
  return ports.every(port => isExposed(read, where, port))
}

function isExposed(
  objects: readonly KubernetesObject[],
  where: {systemNamespace: string; revision: string | undefined},
  number: number,
): boolean {
  const host = istiodHost(where)
  const gateways = objects.filter(
    ({kind, spec}) =>
      kind === 'Gateway' && (spec as GatewaySpec | undefined)?.servers?.some(({port}) => port?.number === number),
  )
  const withPort = new Set(
    gateways.flatMap(({metadata}) => [metadata.name, `${metadata.namespace ?? ''}/${metadata.name}`]),
  )
  return objects.some(({kind, spec}) => {
    if (kind !== 'VirtualService') return false
    const {gateways: used = [], tls = []} = spec as VirtualServiceSpec
    return used.some(name => withPort.has(name)) && tls.some(rule => routesTo(rule, host, number))
  })
}

function routesTo(
  {match = [], route = []}: NonNullable<VirtualServiceSpec['tls']>[number],
  host: string,
  number: number,
): boolean {
  const matches = match.some(
    ({port, sniHosts = []}) =>
      (port === undefined || port === number) && (sniHosts.includes('*') || sniHosts.includes(host)),
  )
  return (
    matches && route.some(({destination}) => destination?.host?.startsWith(`${host}.`) || destination?.host === host)
  )
}
