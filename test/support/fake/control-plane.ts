import {dump} from 'js-yaml'
import {type AnyObject, openApi} from '../servers/api.ts'

/** Options of a fake control plane. */
export interface FakeControlPlaneOptions {
  /** Default `istio-system`. */
  systemNamespace?: string
  /** Default `default`. */
  revision?: string
  /** Tag of istiod's image (default `1.30.3`). */
  version?: string
  /** `values.global.multiCluster.clusterName` and CLUSTER_ID. The defaults are those of the charts: empty and `Kubernetes`. */
  clusterName?: string
  /** Default empty, as in the charts. */
  meshID?: string
  /** Default empty, as in the charts. The namespace gets no label. */
  network?: string
  /** Default `cluster.local`. */
  trustDomain?: string
  /** `meshConfig.trustDomainAliases` (default: none). */
  trustDomainAliases?: string[]
  /** `values.global.caAddress` (default empty, as in the charts). */
  caAddress?: string
  /** Name of the Helm release that manages it, in the system namespace (default: istioctl manages it). */
  helmRelease?: string
  /** Root certificate (PEM) in the ConfigMap `istio-ca-root-cert`, which istiod writes (default: no ConfigMap). */
  rootCert?: string
  /** It serves remote clusters (`values.global.externalIstiod`). */
  servesRemotes?: boolean
  /** Further environment variables of istiod. */
  env?: Record<string, string>
  /** Further fields of the mesh config. */
  meshConfig?: Record<string, unknown>
  /** Number of ready replicas (default 1). */
  ready?: number
}

/**
 * Creates the objects of a control plane in an API server without a controller-manager: namespace, Deployment (with status)
 * and Service of istiod, and the ConfigMaps `istio[-rev]` and `istio-sidecar-injector[-rev]`. They are those that `istioctl
 * manifest generate` (profile minimal) of the lab's Istio prints, without fields that no test reads (probes, volumes,
 * templates).
 */
export async function fakeControlPlane(
  kubeconfig: string,
  context: string,
  options: FakeControlPlaneOptions = {},
): Promise<void> {
  const {systemNamespace: namespace = 'istio-system', revision = 'default', ready = 1} = options
  const [deployment, ...others] = buildControlPlane(options)
  const {apiVersion, kind, metadata} = deployment
  const api = await openApi(kubeconfig, context)
  try {
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    await Promise.all([deployment, ...others, buildBinding(namespace, revision)].map(object => api.apply(object)))
    const status = {
      observedGeneration: 1,
      replicas: 1,
      updatedReplicas: 1,
      readyReplicas: ready,
      availableReplicas: ready,
    }
    await api.apply({apiVersion, kind, metadata: {name: metadata.name, namespace}, status}, 'status')
  } finally {
    api.close()
  }
}

/** The binding of istiod, which shows that an administrator of the cluster installed it. */
export function buildBinding(namespace: string, revision: string): AnyObject {
  const name = `${suffixed('istiod-clusterrole', revision)}-${namespace}`
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: {name, labels: {app: 'istiod', release: 'istio'}},
    roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name},
    subjects: [{kind: 'ServiceAccount', name: suffixed('istiod', revision), namespace}],
  }
}

/** The objects of `fakeControlPlane` without the namespace and cluster-wide ones. The first is the Deployment of istiod. */
export function buildControlPlane(options: FakeControlPlaneOptions): [AnyObject, ...AnyObject[]] {
  const {systemNamespace = 'istio-system'} = options
  return [buildDeployment(systemNamespace, options), ...buildOthers(systemNamespace, options)]
}

function buildDeployment(namespace: string, options: FakeControlPlaneOptions): AnyObject {
  const {revision = 'default', version = '1.30.3', clusterName, helmRelease} = options
  const selector = selectorOf(revision)
  const labels = {app: 'istiod', 'istio.io/rev': revision, ...selector, 'sidecar.istio.io/inject': 'false'}
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...{name: suffixed('istiod', revision), namespace},
      labels: {...istiodLabels(revision), ...(helmRelease ? {'app.kubernetes.io/managed-by': 'Helm'} : {})},
      ...(helmRelease ? {annotations: helmMarks(helmRelease, namespace)} : {}),
    },
    spec: {
      selector: {matchLabels: selector},
      template: {
        metadata: {labels},
        spec: {
          serviceAccountName: suffixed('istiod', revision),
          containers: [
            {
              name: 'discovery',
              image: `istio/pilot:${version}`,
              args: ['discovery', '--monitoringAddr=:15014', '--domain', 'cluster.local'],
              env: [
                {name: 'REVISION', value: revision},
                {name: 'PILOT_CERT_PROVIDER', value: 'istiod'},
                {name: 'CLUSTER_ID', value: clusterName ?? 'Kubernetes'},
                ...(options.servesRemotes ? [{name: 'EXTERNAL_ISTIOD', value: 'true'}] : []),
                ...Object.entries(options.env ?? {}).map(([name, value]) => ({name, value})),
              ],
            },
          ],
        },
      },
    },
  }
}

function buildOthers(namespace: string, options: FakeControlPlaneOptions): AnyObject[] {
  const {
    revision = 'default',
    clusterName = '',
    meshID = '',
    network = '',
    trustDomain = 'cluster.local',
    trustDomainAliases,
    caAddress = '',
    rootCert,
  } = options
  const istiod = suffixed('istiod', revision)
  const mesh = {
    defaultConfig: {discoveryAddress: `${istiod}.${namespace}.svc:15012`, ...(meshID ? {meshId: meshID} : {})},
    defaultProviders: {metrics: ['prometheus']},
    enablePrometheusMerge: true,
    rootNamespace: namespace,
    trustDomain,
    ...(trustDomainAliases ? {trustDomainAliases} : {}),
    ...options.meshConfig,
  }
  const values = {
    global: {caAddress, istioNamespace: namespace, meshID, multiCluster: {clusterName}, network},
    revision: revision === 'default' ? '' : revision,
  }
  const configMap = (name: string, data: Record<string, string>, labels?: Record<string, string>): AnyObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name, namespace, ...(labels ? {labels} : {})},
    data,
  })
  return [
    configMap(
      suffixed('istio', revision),
      {mesh: dump(mesh).trimEnd(), meshNetworks: 'networks: {}'},
      labelsOf(revision),
    ),
    configMap(
      suffixed('istio-sidecar-injector', revision),
      {values: JSON.stringify(values, undefined, 2)},
      labelsOf(revision),
    ),
    ...(rootCert ? [configMap('istio-ca-root-cert', {'root-cert.pem': rootCert}, {'istio.io/config': 'true'})] : []),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: istiod, namespace, labels: istiodLabels(revision)},
      spec: {
        ports: [
          {name: 'grpc-xds', port: 15010, protocol: 'TCP'},
          {name: 'https-dns', port: 15012, protocol: 'TCP'},
          {name: 'https-webhook', port: 443, protocol: 'TCP', targetPort: 15017},
          {name: 'http-monitoring', port: 15014, protocol: 'TCP'},
        ],
        selector: {app: 'istiod', ...selectorOf(revision)},
      },
    },
  ]
}

/** Helm sets them on every object of a release. */
function helmMarks(release: string, namespace: string): Record<string, string> {
  return {'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': namespace}
}

function labelsOf(revision: string): Record<string, string> {
  return {
    'istio.io/rev': revision,
    'install.operator.istio.io/owning-resource': 'unknown',
    'operator.istio.io/component': 'Pilot',
    release: 'istio',
  }
}

function istiodLabels(revision: string): Record<string, string> {
  return {app: 'istiod', istio: 'pilot', ...labelsOf(revision)}
}

function selectorOf(revision: string): Record<string, string> {
  return revision === 'default' ? {istio: 'pilot'} : {app: 'istiod', 'istio.io/rev': revision}
}

function suffixed(name: string, revision: string): string {
  return revision === 'default' ? name : `${name}-${revision}`
}
