import {managedByLabels, revisionLabel} from '../../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../../engine/kubernetes/object.ts'
import {allocateAddress} from '../../../../mesh/services/addresses.ts'
import {buildServiceImport, type Exporter, globalHost, type ImportPlace} from '../../../../mesh/services/objects.ts'

/** The HelloWorld of one cluster. */
export interface HelloWorld {
  /** Position of the cluster. The first one, 0, answers as v1, the others as v2. */
  at: number
  /** The same in all clusters, so that their Services are one service of the mesh. */
  namespace: string
  /** Revision of the control plane, `default` for a control plane without one. */
  revision: string
  images: {client: string; server: string}
}

/** Label of the temporary namespaces. A run removes those that an interrupted run left. */
export const federationTrafficLabel = 'kubectl-mesh.io/federate-verify'

/** Name of the client pod and of its container. */
export const helloClient = 'mesh-verify-client'

/** Name and port of the Service in Istio's HelloWorld (samples/helloworld). */
const helloService = 'helloworld'
const port = 5000

/**
 * Name of the temporary namespace of a run.
 *
 * @param run a few letters and digits that are unique to the run
 */
export function helloNamespace(run: string): string {
  return `mesh-verify-${run}`
}

/** Returns whether a name is one that `helloNamespace` returns. */
export function isHelloNamespace(name: string): boolean {
  return /^mesh-verify-[0-9a-z]+$/.test(name)
}

/** The version that the server of a cluster reports. */
export function helloVersion(at: number): 'v1' | 'v2' {
  return at === 0 ? 'v1' : 'v2'
}

/** Name of the server pod of a cluster. Its responses contain the name, which identifies the cluster. */
export function helloServer(at: number): string {
  return `helloworld-${helloVersion(at)}-${at}`
}

/**
 * The URL that clients request.
 *
 * @param global the host of an imported service, instead of the Service that all clusters have
 */
export function helloUrl(namespace: string, global = false): string {
  const host = global ? globalHost({name: helloService, namespace}) : `${helloService}.${namespace}`
  return `http://${host}:${port}/hello`
}

/** In gateways mode, the import of the other clusters' HelloWorld. */
export interface HelloImport {
  /** All in the temporary namespace, with which they are removed. */
  objects: KubernetesObject[]
  /** `--resolve` of curl, with the address that the DNS proxy of a sidecar would return. */
  resolve: string
}

/**
 * Imports the HelloWorld of other clusters in the same way as `mesh service export`.
 *
 * @param taken addresses of other hosts in the cluster
 */
export function buildHelloImport(
  place: Omit<ImportPlace, 'systemNamespace'> & {namespace: string},
  exporters: Readonly<Record<string, Exporter>>,
  taken: ReadonlySet<string>,
): HelloImport {
  const {namespace} = place
  const service = {name: helloService, namespace}
  const host = globalHost(service)
  const address = allocateAddress(host, taken)
  const imported = {...service, exporters, addresses: [address]}
  const changes = buildServiceImport({...place, systemNamespace: namespace}, imported)
  return {objects: changes.map(({object}) => object), resolve: `${host}:${port}:${address}`}
}

/** Namespace, Service, server pod and client pod of one cluster, in the order in which they must be created. */
export function buildHello(hello: HelloWorld): KubernetesObject[] {
  const {at, namespace, revision, images} = hello
  const version = helloVersion(at)
  const server = {
    name: 'helloworld',
    image: images.server,
    // A mirror may provide one image for both versions.
    env: [{name: 'SERVICE_VERSION', value: version}],
    ports: [{containerPort: port, name: 'http', protocol: 'TCP'}],
  }
  const client = {name: helloClient, image: images.client, command: ['sleep', '3600']}
  return [
    buildNamespace(namespace, revision),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: helloService, namespace, labels: {app: 'helloworld', ...managedByLabels}},
      spec: {ports: [{name: 'http', port, protocol: 'TCP', targetPort: port}], selector: {app: 'helloworld'}},
    },
    buildPod(namespace, helloServer(at), {app: 'helloworld', version}, server),
    buildPod(namespace, helloClient, {app: helloClient}, client),
  ]
}

function buildNamespace(name: string, revision: string): KubernetesObject {
  const injection: Record<string, string> =
    revision === 'default' ? {'istio-injection': 'enabled'} : {[revisionLabel]: revision}
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {name, labels: {...managedByLabels, [federationTrafficLabel]: 'throw-away', ...injection}},
  }
}

function buildPod(
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
