import {managedByLabels, revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {buildServiceImport, type Exporter, globalHost, type ImportPlace} from '../../../mesh/services/objects.ts'
import {ownAddressFor} from '../../../mesh/services/own-address.ts'

/** One cluster's part in the throw-away HelloWorld. */
export interface HelloSide {
  /** 0 for the first cluster: it answers as v1, the others as v2. */
  at: number
  /** The same in all clusters, so that the Services are one. */
  namespace: string
  /** Of the control plane; `default` has none. */
  revision: string
  images: {client: string; server: string}
}

/** Marks what `federate verify --traffic` made, so that a later run removes what a killed one left. */
export const federationTrafficLabel = 'kubectl-mesh.io/federate-verify'

/** Name of the pod that asks, and of its container. */
export const helloClient = 'mesh-verify-client'

/** Name and port of the Service of Istio's HelloWorld (samples/helloworld). */
const helloService = 'helloworld'
const port = 5000

/** Name of the throw-away namespaces of one run; `run` is a few letters and digits that no other run has. */
export function helloNamespace(run: string): string {
  return `mesh-verify-${run}`
}

/** Which version the servers of a cluster are. */
export function helloVersion(at: number): 'v1' | 'v2' {
  return at === 0 ? 'v1' : 'v2'
}

/** Name of the pod of a cluster that answers; it stands in its answers, so that more than two clusters can be told apart. */
export function helloServer(at: number): string {
  return `helloworld-${helloVersion(at)}-${at}`
}

/** What the clients ask for: with `global` the HelloWorld that a cluster imports, else the Service of all clusters. */
export function helloUrl(namespace: string, global = false): string {
  const host = global ? globalHost({name: helloService, namespace}) : `${helloService}.${namespace}`
  return `http://${host}:${port}/hello`
}

/** What each cluster gets in gateways mode: the others' HelloWorld. */
export interface HelloImport {
  /** In the throw-away namespace itself, with which they go. */
  objects: KubernetesObject[]
  /** For curl's `--resolve`: what the sidecar's DNS would say. */
  resolve: string
}

/**
 * The HelloWorld of other clusters, made known as `mesh service export` does it.
 *
 * @param taken addresses that other hosts have in the cluster
 */
export function buildHelloImport(
  place: Omit<ImportPlace, 'systemNamespace'> & {namespace: string},
  exporters: Readonly<Record<string, Exporter>>,
  taken: ReadonlySet<string>,
): HelloImport {
  const {cluster, namespace, revision} = place
  const service = {name: helloService, namespace}
  const host = globalHost(service)
  const address = ownAddressFor(host, taken)
  const imported = {...service, exporters, addresses: [address]}
  const changes = buildServiceImport({cluster, systemNamespace: namespace, revision}, imported)
  return {objects: changes.map(({object}) => object), resolve: `${host}:${port}:${address}`}
}

/** Namespace, Service, server and client of one cluster, in the order in which they have to be made. */
export function buildHello(side: HelloSide): KubernetesObject[] {
  const {at, namespace, revision, images} = side
  const version = helloVersion(at)
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: {
          ...managedByLabels,
          [federationTrafficLabel]: 'throw-away',
          ...(revision === 'default' ? {'istio-injection': 'enabled'} : {[revisionLabel]: revision}),
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: helloService, namespace, labels: {app: 'helloworld', ...managedByLabels}},
      spec: {ports: [{name: 'http', port, protocol: 'TCP', targetPort: port}], selector: {app: 'helloworld'}},
    },
    pod(
      namespace,
      helloServer(at),
      {app: 'helloworld', version},
      {
        name: 'helloworld',
        image: images.server,
        // one image of a registry of one's own can be both versions
        env: [{name: 'SERVICE_VERSION', value: version}],
        ports: [{containerPort: port, name: 'http', protocol: 'TCP'}],
      },
    ),
    pod(
      namespace,
      helloClient,
      {app: helloClient},
      {
        name: helloClient,
        image: images.client,
        command: ['sleep', '3600'],
      },
    ),
  ]
}

function pod(
  namespace: string,
  name: string,
  labels: Record<string, string>,
  container: Record<string, unknown>,
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name, namespace, labels: {...labels, ...managedByLabels}},
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          ...container,
          resources: {requests: {cpu: '10m', memory: '32Mi'}},
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: {drop: ['ALL']},
            runAsNonRoot: true,
            runAsUser: 65_532,
            seccompProfile: {type: 'RuntimeDefault'},
          },
        },
      ],
    },
  }
}
