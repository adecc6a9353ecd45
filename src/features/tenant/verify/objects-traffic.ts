import {managedByLabels, revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'

/** A tenant whose throw-away workloads are made. */
export interface TrafficSide {
  tenant: string
  revision: string
  /** Label by which its istiod finds a namespace; undefined: it watches all. */
  label: {key: string; value: string} | undefined
  /** Its throw-away namespace. */
  namespace: string
}

/** A tenant's server that runs. */
export interface RunningServer extends TrafficSide {
  podIp: string
}

/** Marks what `tenant verify --traffic` made, so that a later run removes what a killed one left. */
export const throwAwayLabel = 'kubectl-mesh.io/throw-away'

/** Name of the Service that answers, and of the container behind it. */
const serverName = 'mesh-server'

/** Name of the container that asks. */
export const clientName = 'mesh-client'

/** Name of the pod that answers. */
export function serverPod({tenant}: TrafficSide): string {
  return `${serverName}-${shortened(tenant)}`
}

/** Name of the pod that asks. */
export function clientPod({tenant}: TrafficSide): string {
  return `${clientName}-${shortened(tenant)}`
}

function shortened(tenant: string): string {
  return tenant.slice(0, 40).replace(/-+$/, '')
}

const port = 8080

/** Name of a tenant's throw-away namespace; `run` is a few letters and digits that no other run has. */
export function trafficNamespace(tenant: string, run: string): string {
  return `mesh-traffic-${shortened(tenant)}-${run}`
}

/** The throw-away namespace of a tenant, with its labels, and in it what answers. */
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
          [throwAwayLabel]: tenant,
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
 * The pod of a tenant that asks all servers, and says in its termination message what came of it: one line a request,
 * `TENANT CODE`, 000 when there was no answer. Its own server is asked by its Service until that answers, the others by
 * their Service and past it by their pod's IP, since a proxy lets through what it does not know.
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
    // istiod tells a proxy of a Service a moment after it is made
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
  return `http://${podIp.includes(':') ? `[${podIp}]` : podIp}:${port}/`
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
