import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {dump} from 'js-yaml'
import {DataPlaneLab, type Istiod, type IstiodOptions, type Lab} from './lab.ts'
import {istiodVersion} from './tools.ts'

/** Properties of a control plane. */
export interface ControlPlaneOptions extends IstiodOptions {
  /** Default `mesh1`. */
  meshID?: string
  /** `values.global.network` (default: none). The namespace gets no label. */
  network?: string
  /** Default `cluster.local`. */
  trustDomain?: string
  /** Tag of the image in the manifests (default: the version that the istiod of the lab reports). */
  version?: string
  /** Leave out the chart's ClusterRole `istio-reader-clusterrole-…`, which grants access to Secrets. */
  withoutReaderRole?: boolean
  /** Use the profile `ambient`, with ztunnel and istio-cni, and enable several networks. */
  ambient?: boolean
  /** Environment variables of istiod in the manifests. */
  pilotEnv?: Record<string, string>
  /** Further fields of `spec.meshConfig`. */
  meshConfig?: Record<string, unknown>
}

const webhookKinds = /^kind: (Mutating|Validating)WebhookConfiguration$/m

/**
 * Installs a control plane in a cluster of the lab: applies the output of `istioctl manifest generate` (profile minimal),
 * including CRDs, starts istiod, and waits until its Deployment is available.
 *
 * Without a data plane, istiod is a process of the host, and its webhooks are left out because their Service has no endpoint.
 * With a data plane, metrics are disabled, because upstream Envoy does not contain their filter.
 */
export async function installControlPlane(
  lab: Lab,
  cluster: string,
  options: ControlPlaneOptions = {},
): Promise<Istiod> {
  const {systemNamespace = 'istio-system', revision = 'default'} = options
  const dataplane = lab instanceof DataPlaneLab
  const file = join(lab.dir, `${cluster}-${revision}-operator.yaml`)
  await writeFile(file, dump(operator(cluster, options, dataplane)))
  const manifest = await lab.istioctl(['manifest', 'generate', '-f', file])
  const documents = manifest.split(/^---$/m).filter(text => dataplane || !webhookKinds.test(text))
  await lab.kubectl(cluster, ['create', 'namespace', systemNamespace, '--save-config']).catch(ignoreExisting)
  await lab.kubectl(cluster, ['apply', '--server-side', '--force-conflicts', '-f', '-'], {
    input: documents.join('---\n'),
  })
  const istiod = await lab.istiod(cluster, {...options, env: {...(options.ambient ? ambientEnv : {}), ...options.env}})
  const deployment = revision === 'default' ? 'istiod' : `istiod-${revision}`
  await lab.kubectl(cluster, [
    '-n',
    systemNamespace,
    'wait',
    '--for=condition=Available',
    '--timeout=60s',
    `deployment/${deployment}`,
  ])
  return istiod
}

/** What the profile `ambient` sets in istiod, and the switch for several networks. */
export const ambientEnv = {PILOT_ENABLE_AMBIENT: 'true', AMBIENT_ENABLE_MULTI_NETWORK: 'true'}

function operator(cluster: string, options: ControlPlaneOptions, dataplane: boolean) {
  const {
    systemNamespace,
    revision,
    meshID = 'mesh1',
    clusterName = cluster,
    network,
    trustDomain,
    version = istiodVersion,
  } = options
  return {
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    spec: {
      profile: options.ambient ? 'ambient' : 'minimal',
      hub: 'istio',
      tag: version,
      // Pods of the lab run without a CNI plugin, so sidecars need the rules of istio-init.
      ...(options.ambient && dataplane ? {components: {cni: {enabled: false}}} : {}),
      ...(revision && revision !== 'default' ? {revision} : {}),
      meshConfig: {
        ...(trustDomain ? {trustDomain} : {}),
        ...(dataplane ? {defaultProviders: {metrics: []}, accessLogFile: '/dev/stdout'} : {}),
        ...options.meshConfig,
      },
      values: {
        ...(dataplane ? {telemetry: {enabled: false}} : {}),
        ...(options.pilotEnv ? {pilot: {env: options.pilotEnv}} : {}),
        ...(options.ambient ? {pilot: {env: ambientEnv}, ztunnel: {multiCluster: {clusterName}, network}} : {}),
        global: {
          ...(options.withoutReaderRole ? {enableReaderRBAC: false} : {}),
          meshID,
          ...(network ? {network} : {}),
          multiCluster: {clusterName},
          ...(systemNamespace ? {istioNamespace: systemNamespace} : {}),
        },
      },
    },
  }
}

function ignoreExisting(error: unknown): void {
  if (!String(error).includes('AlreadyExists')) throw error
}
