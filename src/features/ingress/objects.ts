import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import {applySetParent} from '../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change} from '../../engine/kubernetes/change.ts'
import {managedByLabels, revisionLabels} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject, ObjectKind} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {type HostPort, type ServiceType, serviceTypeOf} from './spec-deploy.ts'

/** Input of `buildIngress`. */
export interface IngressGateway {
  /** Name of the cluster in output. */
  cluster: string
  name: string
  namespace: string
  kind: 'deployment' | 'daemonset'
  hostPorts: readonly HostPort[]
  /** Labels of the nodes; empty for every node. */
  nodeSelector: Readonly<Record<string, string>>
  serviceType: ServiceType | undefined
  /** Revision or tag; undefined for the default. */
  revision: string | undefined
  /** Namespace of istiod, which contains the record of the gateway. */
  systemNamespace: string
  /** Data of the record: the stored settings. */
  record: Record<string, string>
}

const rbac = 'rbac.authorization.k8s.io/v1'

/** All kinds of objects that an ingress gateway can consist of. */
export const ingressKinds: readonly ObjectKind[] = [
  {apiVersion: 'v1', kind: 'ServiceAccount'},
  {apiVersion: rbac, kind: 'Role'},
  {apiVersion: rbac, kind: 'RoleBinding'},
  {apiVersion: 'v1', kind: 'Service'},
  {apiVersion: 'apps/v1', kind: 'Deployment'},
  {apiVersion: 'apps/v1', kind: 'DaemonSet'},
  {apiVersion: 'policy/v1', kind: 'PodDisruptionBudget'},
]

/** What identifies a gateway and its record. */
export interface IngressId {
  name: string
  namespace: string
  systemNamespace: string
}

/**
 * The ApplySet of one gateway, to which its objects belong.
 *
 * Threat: administrators of the gateway's namespace can write every ConfigMap there, so the record is in the system namespace.
 * Its name contains a dot, because with `-` the gateways `b-c` in `a` and `c` in `a-b` would have the same record.
 */
export function ingressApplySet({name, namespace, systemNamespace}: IngressId): ApplySet {
  return {
    name: `kubectl-mesh-ingress-${namespace}.${name}`,
    namespace: systemNamespace,
    kinds: ingressKinds,
    former: {name: `kubectl-mesh-ingress-${name}`, namespace},
  }
}

/**
 * Labels that the Service and Istio Gateways select. `istio` is the name without `istio-`, as in Istio's charts and
 * examples: `istio=ingressgateway`.
 */
export function ingressLabels(name: string): {app: string; istio: string} {
  return {app: name, istio: name.replace(/^istio-/, '')}
}

/** One port of a gateway. */
export interface GatewayPort {
  name: string
  /** Port of the Service. */
  port: number
  /** Port of the pod. */
  target: number
  /** Port of the node, if it is exposed there. */
  hostPort: number | undefined
}

/** The ports without `--host-port`. Their container ports need no privileges. */
const defaultPorts: readonly HostPort[] = [
  {host: 80, container: 8080},
  {host: 443, container: 8443},
]

/**
 * The ports of a gateway, the health check port first. An Istio Gateway refers to a port of the Service, which istiod
 * translates to the port of the pod. The Service therefore has the ports that clients use, also with host ports.
 */
export function ingressPorts(hostPorts: readonly HostPort[]): GatewayPort[] {
  const clients = (hostPorts.length > 0 ? hostPorts : defaultPorts).map(({host, container}) => ({
    name: host === 80 ? 'http2' : host === 443 ? 'https' : `tcp-${host}`,
    port: host,
    target: container,
    hostPort: hostPorts.length > 0 ? host : undefined,
  }))
  return [{name: 'status-port', port: 15_021, target: 15_021, hostPort: undefined}, ...clients]
}

/**
 * Builds an ingress gateway that uses gateway injection: a ServiceAccount with a Role to read TLS Secrets, a Deployment or
 * DaemonSet, and a Service. Without the Service istiod would know neither the ports nor the locality of the gateway. The
 * namespace is created if it does not exist.
 */
export function buildIngress(gateway: IngressGateway): Change[] {
  const {cluster, name, namespace} = gateway
  const apply = (object: KubernetesObject): Apply => ({action: 'apply', cluster, wave: waves.gateways, object})
  const objects = [
    ...account(gateway),
    service(gateway),
    workload(gateway),
    ...(gateway.kind === 'deployment' ? [disruptionBudget(gateway)] : []),
  ]
  return [
    {
      action: 'edit',
      cluster,
      wave: waves.namespaces,
      target: {apiVersion: 'v1', kind: 'Namespace', name: namespace},
      edits: [],
      create: true,
    },
    applySetParent(ingressApplySet(gateway), cluster, {cluster, namespace, gateway: name, ...gateway.record}),
    ...objects.map(apply),
  ]
}

function metadataOf({name, namespace}: IngressGateway) {
  return {name, namespace, labels: {...managedByLabels, ...ingressLabels(name)}}
}

/** The ServiceAccount of the gateway, with the right to read Secrets in its namespace (SDS). */
function account(gateway: IngressGateway): KubernetesObject[] {
  const {name, namespace} = gateway
  const metadata = metadataOf(gateway)
  const role = `${name}-sds`
  return [
    {apiVersion: 'v1', kind: 'ServiceAccount', metadata},
    {
      apiVersion: rbac,
      kind: 'Role',
      metadata: {...metadata, name: role},
      rules: [{apiGroups: [''], resources: ['secrets'], verbs: ['get', 'watch', 'list']}],
    },
    {
      apiVersion: rbac,
      kind: 'RoleBinding',
      metadata: {...metadata, name: role},
      roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role},
      subjects: [{kind: 'ServiceAccount', name, namespace}],
    },
  ]
}

function service(gateway: IngressGateway): KubernetesObject {
  const {name, hostPorts} = gateway
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(gateway),
    spec: {
      type: serviceTypeOf(gateway),
      selector: ingressLabels(name),
      ports: ingressPorts(hostPorts).map(port => ({
        name: port.name,
        port: port.port,
        protocol: 'TCP',
        targetPort: port.target,
      })),
    },
  }
}

function disruptionBudget(gateway: IngressGateway): KubernetesObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadataOf(gateway),
    // With one replica, minAvailable would block every drain of its node.
    spec: {maxUnavailable: 1, selector: {matchLabels: ingressLabels(gateway.name)}},
  }
}

function workload(gateway: IngressGateway): KubernetesObject {
  const {name, kind, hostPorts} = gateway
  const metadata = metadataOf(gateway)
  // With host ports, a node cannot run the new pod beside the old one.
  const rollingUpdate =
    hostPorts.length > 0 ? {maxSurge: 0, maxUnavailable: 1} : {maxSurge: '100%', maxUnavailable: '25%'}
  return {
    apiVersion: 'apps/v1',
    kind: kind === 'daemonset' ? 'DaemonSet' : 'Deployment',
    metadata: {...metadata, labels: {...metadata.labels, ...revisionLabels(gateway.revision)}},
    // No `replicas`: autoscalers and users set it. A DaemonSet has no `strategy`.
    spec: {
      selector: {matchLabels: ingressLabels(name)},
      ...(kind === 'daemonset' ? {} : {strategy: {rollingUpdate}}),
      template: {
        metadata: {annotations: {'inject.istio.io/templates': 'gateway'}, labels: podLabels(gateway)},
        spec: podSpec(gateway),
      },
    },
  }
}

function podSpec({name, hostPorts, nodeSelector}: IngressGateway) {
  const ports = ingressPorts(hostPorts)
  // Ports below 1024 need this safe sysctl, because the container runs without privileges.
  const hasLowPort = ports.some(({target}) => target < 1024)
  return {
    serviceAccountName: name,
    ...(Object.keys(nodeSelector).length > 0 ? {nodeSelector: {...nodeSelector}} : {}),
    securityContext: {
      seccompProfile: {type: 'RuntimeDefault'},
      ...(hasLowPort ? {sysctls: [{name: 'net.ipv4.ip_unprivileged_port_start', value: '0'}]} : {}),
    },
    containers: [
      {
        name: 'istio-proxy',
        image: 'auto',
        ports: [
          ...ports.map(({target, hostPort}) => ({
            containerPort: target,
            ...(hostPort === undefined ? {} : {hostPort}),
            protocol: 'TCP',
          })),
          {containerPort: 15_090, name: 'http-envoy-prom', protocol: 'TCP'},
        ],
        resources: {limits: {cpu: '2', memory: '1Gi'}, requests: {cpu: '100m', memory: '128Mi'}},
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: {drop: ['ALL']},
          privileged: false,
          readOnlyRootFilesystem: true,
          // The injector sets the user: 1337, or a user in the range of an OpenShift namespace.
          runAsNonRoot: true,
        },
      },
    ],
  }
}

/** Labels of the pods of a gateway, which the selectors of the injectors match. */
export function podLabels({name, revision}: Pick<IngressGateway, 'name' | 'revision'>): Record<string, string> {
  return {...ingressLabels(name), 'sidecar.istio.io/inject': 'true', ...revisionLabels(revision)}
}
