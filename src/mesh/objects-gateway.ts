import type {Apply} from '../engine/kubernetes/change.ts'
import {managedByLabels, networkLabel, revisionLabels} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject, ObjectKind} from '../engine/kubernetes/object.ts'
import {type Wave, waves} from '../engine/kubernetes/waves.ts'
import {names} from '../istio/names.ts'
import {
  nodePortField,
  placementFields,
  replicasField,
  resourcesOf,
  serviceAnnotations,
  serviceFields,
} from './gateways/objects-settings.ts'
import type {GatewaySettings, GatewayType} from './gateways/spec-settings.ts'

/** Settings of an east-west gateway. */
export interface EastWestGateway {
  /** Name of the cluster in the mesh. */
  cluster: string
  /** The network that the gateway serves. '': all pods are on one network, and the gateway only exposes istiod. */
  network: string
  systemNamespace: string
  /** Revision or tag that injects the pods: with a tag, they move with it. */
  revision?: string | undefined
  serviceType: GatewayType
  /** Further settings of the cluster. */
  settings?: GatewaySettings | undefined
  /** Selector of an existing Deployment, which cannot be changed. */
  selector?: Readonly<Record<string, string>> | undefined
  /** The cluster is a remote: the gateway's pods start only once the primary's istiod injects them. */
  remote?: boolean
}

/** The kinds that `buildEastWestGateway` creates. */
export const gatewayKinds: readonly ObjectKind[] = [
  {apiVersion: 'v1', kind: 'ServiceAccount'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding'},
  {apiVersion: 'v1', kind: 'Service'},
  {apiVersion: 'apps/v1', kind: 'Deployment'},
  {apiVersion: 'policy/v1', kind: 'PodDisruptionBudget'},
]

/** Selector of the Deployment. It omits the network, which may change: the selector of a Deployment is immutable. */
export function podSelectorOf(name: string): Record<string, string> {
  return {app: name, istio: 'eastwestgateway'}
}

/** Ports of an east-west gateway (istio samples/multicluster/gen-eastwest-gateway.sh, 1.24–1.31). */
const ports = [
  {name: 'status-port', port: 15021},
  {name: 'tls', port: 15443},
  {name: 'tls-istiod', port: 15012},
  {name: 'tls-webhook', port: 15017},
]

/**
 * Returns the objects of an east-west gateway in the system namespace: an account that may read certificate Secrets, a
 * Deployment, a Service and a PodDisruptionBudget.
 *
 * The gateway uses gateway injection: image and settings of the proxy come from the revision's injector. Istio's sample
 * Gateways, istiod and other tools find it by the labels `app`, `istio` and the network label.
 */
export function buildEastWestGateway(gateway: EastWestGateway): Apply[] {
  const {systemNamespace: namespace, network} = gateway
  const {settings = {}} = gateway
  const {name: gatewayName = names.gateway} = settings
  const [account, role] = [`${gatewayName}-service-account`, `${gatewayName}-sds`]
  const selector = {...podSelectorOf(gatewayName), ...(network === '' ? {} : {[networkLabel]: network})}
  const labels = {...managedByLabels, ...selector}
  const revision = revisionLabels(gateway.revision)
  const annotations = serviceAnnotations(gateway.serviceType, settings)
  const apply = (object: KubernetesObject, wave: Wave = waves.gateways): Apply => ({
    action: 'apply',
    cluster: gateway.cluster,
    wave,
    object,
  })
  // Without injection a pod keeps the invalid image `auto`, so the pods must not start before the injector works.
  const podWave = gateway.remote ? waves.remoteGateways : waves.gateways
  return [
    apply({apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: account, namespace, labels}}),
    apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: {name: role, namespace, labels},
      rules: [{apiGroups: [''], resources: ['secrets'], verbs: ['get', 'watch', 'list']}],
    }),
    apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: {name: role, namespace, labels},
      roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role},
      subjects: [{kind: 'ServiceAccount', name: account, namespace}],
    }),
    apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        ...{name: gatewayName, namespace, labels},
        ...(Object.keys(annotations).length > 0 ? {annotations} : {}),
      },
      spec: {
        type: gateway.serviceType,
        selector,
        ports: servicePorts(settings),
        ...serviceFields(settings),
      },
    }),
    apply(gatewayDeployment(gateway, labels, selector, revision), podWave),
    apply(
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: {name: gatewayName, namespace, labels},
        // With one replica, minAvailable would block every node drain.
        spec: {maxUnavailable: 1, selector: {matchLabels: selector}},
      },
      podWave,
    ),
  ]
}

function servicePorts(settings: GatewaySettings): object[] {
  return ports.map(({name, port}) => ({
    name,
    port,
    protocol: 'TCP',
    targetPort: port,
    ...nodePortField(port, settings),
  }))
}

function gatewayDeployment(
  {systemNamespace: namespace, network, selector, settings = {}}: EastWestGateway,
  labels: Record<string, string>,
  podLabels: Record<string, string>,
  revision: Record<string, string>,
): KubernetesObject {
  const {name = names.gateway} = settings
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name, namespace, labels},
    // Without a setting, `replicas` is omitted, so that an autoscaler or a user can own it.
    spec: {
      ...replicasField(settings),
      selector: {matchLabels: selector ?? podSelectorOf(name)},
      strategy: {rollingUpdate: {maxSurge: '100%', maxUnavailable: '25%'}},
      template: {
        metadata: {
          annotations: {'inject.istio.io/templates': 'gateway'},
          labels: {...podLabels, 'sidecar.istio.io/inject': 'true', ...revision},
        },
        spec: {
          serviceAccountName: `${name}-service-account`,
          ...placementFields(settings),
          // 0 allows an unprivileged process to bind any port (a safe sysctl in Kubernetes).
          securityContext: {
            seccompProfile: {type: 'RuntimeDefault'},
            sysctls: [{name: 'net.ipv4.ip_unprivileged_port_start', value: '0'}],
          },
          containers: [
            {
              name: 'istio-proxy',
              image: 'auto',
              ...(network === '' ? {} : {env: [{name: 'ISTIO_META_REQUESTED_NETWORK_VIEW', value: network}]}),
              ports: [
                ...ports.map(({port}) => ({containerPort: port, protocol: 'TCP'})),
                {containerPort: 15090, name: 'http-envoy-prom', protocol: 'TCP'},
              ],
              resources: resourcesOf(settings),
              // The injector sets the user: 1337, or with platform=openshift one in the range of the namespace (istiod 1.31).
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: {drop: ['ALL']},
                privileged: false,
                readOnlyRootFilesystem: true,
                runAsNonRoot: true,
              },
            },
          ],
        },
      },
    },
  }
}
