import {managedByLabels, revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {hostPort} from '../../../text/host-port.ts'
import type {Label} from '../spec-names.ts'

/** A tenant that gets temporary workloads. */
export interface TrafficSide {
  tenant: string
  revision: string
  /** Label that its discovery selectors match. Undefined if it watches all namespaces. */
  label: Label | undefined
  /** Name of its temporary namespace. */
  namespace: string
}

/** A tenant whose server runs. */
export interface RunningServer extends TrafficSide {
  podIp: string
}

/** Label of temporary namespaces. A later run deletes those that a killed run left behind. */
export const temporaryLabel = 'kubectl-mesh.io/throw-away'

/** Name of the Service and the container of a server. */
const serverName = 'mesh-server'

/** Name of the container of a client. */
export const clientName = 'mesh-client'

/** Name of a tenant's server pod. */
export function serverPod({tenant}: TrafficSide): string {
  return `${serverName}-${shortened(tenant)}`
}

/** Name of a tenant's client pod. */
export function clientPod({tenant}: TrafficSide): string {
  return `${clientName}-${shortened(tenant)}`
}

/** Truncates a name so that the names of pods and namespaces have at most 63 characters. */
function shortened(tenant: string): string {
  return tenant.slice(0, 40).replace(/-+$/, '')
}

const port = 8080

/**
 * Returns the name of a tenant's temporary namespace.
 *
 * @param runId six letters and digits that differ for each run
 */
export function trafficNamespace(tenant: string, runId: string): string {
  return `mesh-traffic-${shortened(tenant)}-${runId}`
}

/**
 * Returns whether a name is one that `trafficNamespace` returns. A label proves nothing, since whoever may edit a namespace can
 * set it.
 */
export function isTrafficNamespace(name: string, tenant: string): boolean {
  const prefix = trafficNamespace(tenant, '')
  return name.startsWith(prefix) && /^[0-9a-z]+$/.test(name.slice(prefix.length))
}

/** Returns the temporary namespace of a tenant with a Service and its server pod. */
export function buildTrafficServer(side: TrafficSide, image: string): KubernetesObject[] {
  const {namespace, tenant, revision, label} = side
  const labels = {app: serverName, ...managedByLabels}
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: {
          ...managedByLabels,
          [temporaryLabel]: tenant,
          ...(label ? {[label.key]: label.value} : {}),
          ...(revision === 'default' ? {'istio-injection': 'enabled'} : {[revisionLabel]: revision}),
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: serverName, namespace, labels},
      spec: {ports: [{name: 'http', port, protocol: 'TCP', targetPort: port}], selector: {app: serverName}},
    },
    pod(serverPod(side), namespace, serverName, {
      image,
      args: ['netexec', `--http-port=${port}`],
      ports: [{containerPort: port, name: 'http', protocol: 'TCP'}],
    }),
  ]
}

/**
 * Returns a tenant's client pod. It sends requests to all servers and writes the results to its termination message: one
 * line per request, `TENANT CODE`, with code 000 without a response. Requests to the tenant's own Service are repeated
 * until it responds. Each other server gets two requests, to its Service and to the IP address of its pod, because a
 * proxy passes requests to unknown addresses through.
 */
export function buildTrafficClient(
  side: TrafficSide,
  servers: readonly RunningServer[],
  image: string,
): KubernetesObject {
  const others = servers.filter(({tenant}) => tenant !== side.tenant)
  const own = serviceUrl(side)
  const script = [
    'code() { curl -s -o /dev/null -m 5 -w "%{http_code}" "$1"; }',
    'ask() { echo "$1 $(code "$2")" >> /dev/termination-log; }',
    // A proxy learns of a new Service after a short delay.
    `for try in 1 2 3 4 5 6 7 8 9 10; do [ "$(code ${own})" != 200 ] || break; sleep 1; done`,
    `ask ${side.tenant} ${own}`,
    ...others.flatMap(server => [serviceUrl(server), podUrl(server)].map(url => `ask ${server.tenant} ${url}`)),
  ].join('\n')
  return pod(clientPod(side), side.namespace, clientName, {image, command: ['sh', '-c', script]})
}

function serviceUrl({namespace}: TrafficSide): string {
  return `http://${serverName}.${namespace}:${port}/`
}

function podUrl({podIp}: RunningServer): string {
  return `http://${hostPort(podIp, port)}/`
}

function pod(name: string, namespace: string, app: string, container: Record<string, unknown>): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name, namespace, labels: {app, ...managedByLabels}},
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: app,
          ...container,
          resources: {requests: {cpu: '10m', memory: '16Mi'}},
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
