import {type ApplySet, applySetParent} from '../../engine/kubernetes/applyset.ts'
import type {Apply, Change} from '../../engine/kubernetes/change.ts'
import {managedByLabels, revisionLabels} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject, ObjectKind} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import type {HostPort, ServiceType} from './spec-deploy.ts'

/** What the builder of an ingress gateway has to know. */
export interface IngressGateway {
  /** Name of the cluster, as it is printed. */
  cluster: string
  name: string
  namespace: string
  kind: 'deployment' | 'daemonset'
  hostPorts: readonly HostPort[]
  /** Labels of the nodes; empty for all. */
  nodeSelector: Readonly<Record<string, string>>
  serviceType: ServiceType | undefined
  /** Revision or tag; undefined for the default. */
  revision: string | undefined
}

const rbac = 'rbac.authorization.k8s.io/v1'

/** All kinds that an ingress gateway may consist of. */
export const ingressKinds: readonly ObjectKind[] = [
  {apiVersion: 'v1', kind: 'ServiceAccount'},
  {apiVersion: rbac, kind: 'Role'},
  {apiVersion: rbac, kind: 'RoleBinding'},
  {apiVersion: 'v1', kind: 'Service'},
  {apiVersion: 'apps/v1', kind: 'Deployment'},
  {apiVersion: 'apps/v1', kind: 'DaemonSet'},
  {apiVersion: 'policy/v1', kind: 'PodDisruptionBudget'},
]

/** The ApplySet of one gateway. */
export function ingressApplySet({name, namespace}: {name: string; namespace: string}): ApplySet {
  return {name: `kubectl-mesh-ingress-${name}`, namespace, kinds: ingressKinds}
}

/** Labels by which Service and Istio Gateways find the pods: the field's own, `istio=ingressgateway`. */
export function ingressLabels(name: string): {app: string; istio: string} {
  return {app: name, istio: name.replace(/^istio-/, '')}
}

/** One port of a gateway: of its Service, of its pod, and of the node where it has one. */
export interface GatewayPort {
  name: string
  port: number
  target: number
  hostPort: number | undefined
}

/** Without host ports the usual two, on ports that need no privilege. */
const usualPorts: readonly HostPort[] = [
  {host: 80, container: 8080},
  {host: 443, container: 8443},
]

/**
 * The ports of a gateway. An Istio Gateway names a port of the Service, which istiod translates to the pod's: so the
 * Service has the ports that clients see, also where they come in through the nodes.
 */
export function ingressPorts(hostPorts: readonly HostPort[]): GatewayPort[] {
  const clients = (hostPorts.length > 0 ? hostPorts : usualPorts).map(({host, container}) => ({
    name: host === 80 ? 'http2' : host === 443 ? 'https' : `tcp-${host}`,
    port: host,
    target: container,
    hostPort: hostPorts.length > 0 ? host : undefined,
  }))
  return [{name: 'status-port', port: 15_021, target: 15_021, hostPort: undefined}, ...clients]
}

/**
 * An ingress gateway by gateway injection: account with the right to read certificates' Secrets, Deployment or DaemonSet,
 * and always a Service, by which istiod learns its ports and its place. The namespace is made when it is missing.
 */
export function buildIngress(gateway: IngressGateway): Change[] {
  const {cluster, name, namespace, kind} = gateway
  const selector = ingressLabels(name)
  const labels = {...managedByLabels, ...selector}
  const secrets = `${name}-sds`
  const metadata = (own = name) => ({name: own, namespace, labels})
  const apply = (object: KubernetesObject): Apply => ({action: 'apply', cluster, wave: waves.gateways, object})
  const ports = ingressPorts(gateway.hostPorts)
  const changes: Change[] = [
    {
      action: 'edit',
      cluster,
      wave: waves.namespaces,
      target: {apiVersion: 'v1', kind: 'Namespace', name: namespace},
      edits: [],
      create: true,
    },
    applySetParent(ingressApplySet(gateway), cluster, {cluster, gateway: name}),
    apply({apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata()}),
    apply({
      apiVersion: rbac,
      kind: 'Role',
      metadata: metadata(secrets),
      rules: [{apiGroups: [''], resources: ['secrets'], verbs: ['get', 'watch', 'list']}],
    }),
    apply({
      apiVersion: rbac,
      kind: 'RoleBinding',
      metadata: metadata(secrets),
      roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: secrets},
      subjects: [{kind: 'ServiceAccount', name, namespace}],
    }),
    apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(),
      spec: {
        type: gateway.serviceType ?? (gateway.hostPorts.length > 0 ? 'ClusterIP' : 'LoadBalancer'),
        selector,
        ports: ports.map(port => ({name: port.name, port: port.port, protocol: 'TCP', targetPort: port.target})),
      },
    }),
    apply(workload(gateway, ports, labels, selector)),
  ]
  if (kind === 'daemonset') return changes
  const budget = apply({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(),
    // maxUnavailable, not minAvailable: with one replica the latter would block every node drain
    spec: {maxUnavailable: 1, selector: {matchLabels: selector}},
  })
  return [...changes, budget]
}

function workload(
  gateway: IngressGateway,
  ports: readonly GatewayPort[],
  labels: Record<string, string>,
  selector: Record<string, string>,
): KubernetesObject {
  const {name, namespace, kind, hostPorts, nodeSelector} = gateway
  const revision = revisionLabels(gateway.revision)
  // with host ports a node has no room for the new pod beside the old one
  const rollingUpdate =
    hostPorts.length > 0 ? {maxSurge: 0, maxUnavailable: 1} : {maxSurge: '100%', maxUnavailable: '25%'}
  // 0 lets an unprivileged process bind any port (Kubernetes safe sysctl); needed for ports below 1024 only
  const isLow = ports.some(({target}) => target < 1024)
  const pod = {
    serviceAccountName: name,
    ...(Object.keys(nodeSelector).length > 0 ? {nodeSelector: {...nodeSelector}} : {}),
    ...(isLow ? {securityContext: {sysctls: [{name: 'net.ipv4.ip_unprivileged_port_start', value: '0'}]}} : {}),
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
          runAsGroup: 1337,
          runAsNonRoot: true,
          runAsUser: 1337,
        },
      },
    ],
  }
  return {
    apiVersion: 'apps/v1',
    kind: kind === 'daemonset' ? 'DaemonSet' : 'Deployment',
    metadata: {name, namespace, labels: {...labels, ...revision}},
    // no `replicas`: it belongs to whoever scales the gateway; a DaemonSet has no `strategy`
    spec: {
      selector: {matchLabels: selector},
      ...(kind === 'daemonset' ? {} : {strategy: {rollingUpdate}}),
      template: {
        metadata: {
          annotations: {'inject.istio.io/templates': 'gateway'},
          labels: podLabels(gateway),
        },
        spec: pod,
      },
    },
  }
}

/** The labels of a gateway's pods, which injectors look at. */
export function podLabels({name, revision}: Pick<IngressGateway, 'name' | 'revision'>): Record<string, string> {
  return {...ingressLabels(name), 'sidecar.istio.io/inject': 'true', ...revisionLabels(revision)}
}
