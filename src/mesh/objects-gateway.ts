import type {Apply} from '../engine/kubernetes/change.ts'
import {managedByLabels, networkLabel, revisionLabels} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject, ObjectKind} from '../engine/kubernetes/object.ts'
import {type Wave, waves} from '../engine/kubernetes/waves.ts'
import {names} from '../istio/names.ts'

/** What the builder of an east-west gateway has to know. */
export interface EastWestGateway {
  /** Name of the cluster in the mesh. */
  cluster: string
  /** The network that the gateway leads into; empty: all pods are on one, and the gateway only lets others reach istiod. */
  network: string
  systemNamespace: string
  revision?: string | undefined
  serviceType: 'LoadBalancer' | 'NodePort' | 'ClusterIP'
  /** What a live Deployment selects its pods by. */
  selector?: Readonly<Record<string, string>> | undefined
  /** Its pods come only when a control plane elsewhere injects them: a remote's. */
  remote?: boolean
}

/** The kinds of `buildEastWestGateway`. */
export const gatewayKinds: readonly ObjectKind[] = [
  {apiVersion: 'v1', kind: 'ServiceAccount'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding'},
  {apiVersion: 'v1', kind: 'Service'},
  {apiVersion: 'apps/v1', kind: 'Deployment'},
  {apiVersion: 'policy/v1', kind: 'PodDisruptionBudget'},
]

/** What the Deployment selects its pods by: no network, since that may change and a selector can't. */
const podSelector = {app: names.gateway, istio: 'eastwestgateway'}

/** Ports of an east-west gateway (istio samples/multicluster/gen-eastwest-gateway.sh, 1.24–1.31). */
const ports = [
  {name: 'status-port', port: 15021},
  {name: 'tls', port: 15443},
  {name: 'tls-istiod', port: 15012},
  {name: 'tls-webhook', port: 15017},
]

/**
 * An east-west gateway by gateway injection: account with the right to read certificates' Secrets, Deployment, Service
 * and disruption budget, in the system namespace. `app`, `istio` and the network label are what the sample Gateways,
 * istiod and other tools look for. The image and all else of the proxy comes from the revision's injector.
 */
export function buildEastWestGateway(gateway: EastWestGateway): Apply[] {
  const {systemNamespace: namespace, network} = gateway
  const selector = {...podSelector, ...(network === '' ? {} : {[networkLabel]: network})}
  const labels = {...managedByLabels, ...selector}
  const revision = revisionLabels(gateway.revision)
  const apply = (object: KubernetesObject, wave: Wave = waves.gateways): Apply => ({
    action: 'apply',
    cluster: gateway.cluster,
    wave,
    object,
  })
  // image `auto` of a pod that nobody injects is none, and stays so
  const podWave = gateway.remote ? waves.remoteGateways : waves.gateways
  return [
    apply({apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: names.gatewayAccount, namespace, labels}}),
    apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: {name: names.gatewaySecretsRole, namespace, labels},
      rules: [{apiGroups: [''], resources: ['secrets'], verbs: ['get', 'watch', 'list']}],
    }),
    apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: {name: names.gatewaySecretsRole, namespace, labels},
      roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: names.gatewaySecretsRole},
      subjects: [{kind: 'ServiceAccount', name: names.gatewayAccount, namespace}],
    }),
    apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: names.gateway, namespace, labels},
      spec: {
        type: gateway.serviceType,
        selector,
        ports: ports.map(({name, port}) => ({name, port, protocol: 'TCP', targetPort: port})),
      },
    }),
    apply(gatewayDeployment(gateway, labels, selector, revision), podWave),
    apply(
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: {name: names.gateway, namespace, labels},
        // maxUnavailable, not minAvailable: with one replica the latter would block every node drain
        spec: {maxUnavailable: 1, selector: {matchLabels: selector}},
      },
      podWave,
    ),
  ]
}

function gatewayDeployment(
  {systemNamespace: namespace, network, selector}: EastWestGateway,
  labels: Record<string, string>,
  podLabels: Record<string, string>,
  revision: Record<string, string>,
): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name: names.gateway, namespace, labels: {...labels, ...revision}},
    // no `replicas`: it belongs to whoever scales the gateway
    spec: {
      selector: {matchLabels: selector ?? podSelector},
      strategy: {rollingUpdate: {maxSurge: '100%', maxUnavailable: '25%'}},
      template: {
        metadata: {
          annotations: {'inject.istio.io/templates': 'gateway'},
          labels: {...podLabels, 'sidecar.istio.io/inject': 'true', ...revision},
        },
        spec: {
          serviceAccountName: names.gatewayAccount,
          // 0 lets an unprivileged process bind any port (Kubernetes safe sysctl)
          securityContext: {sysctls: [{name: 'net.ipv4.ip_unprivileged_port_start', value: '0'}]},
          containers: [
            {
              name: 'istio-proxy',
              image: 'auto',
              ...(network === '' ? {} : {env: [{name: 'ISTIO_META_REQUESTED_NETWORK_VIEW', value: network}]}),
              ports: [
                ...ports.map(({port}) => ({containerPort: port, protocol: 'TCP'})),
                {containerPort: 15090, name: 'http-envoy-prom', protocol: 'TCP'},
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
        },
      },
    },
  }
}
