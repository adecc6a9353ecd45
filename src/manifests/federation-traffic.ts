import {managedByLabels, revisionLabel} from './labels.ts'
import type {KubernetesObject} from './object.ts'

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

/** Port and path of Istio's HelloWorld (samples/helloworld). */
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

/** What the clients ask for. The final dot is left out: Istio's sidecars know the name without it. */
export function helloUrl(namespace: string): string {
  return `http://helloworld.${namespace}:${port}/hello`
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
      metadata: {name: 'helloworld', namespace, labels: {app: 'helloworld', ...managedByLabels}},
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
