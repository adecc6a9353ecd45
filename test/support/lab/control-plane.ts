import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {dump} from 'js-yaml'
import {DataPlaneLab, type Istiod, type IstiodOptions, type Lab} from './lab.ts'

export interface ControlPlaneOptions extends IstiodOptions {
  /** `mesh1` without it. */
  meshID?: string
  /** `values.global.network`; none without it. The namespace gets no label. */
  network?: string
  /** `cluster.local` without it. */
  trustDomain?: string
  /** Tag of the image named in the manifests; `1.31.0` without it, the version that runs. */
  version?: string
  /** More of `spec.meshConfig`. */
  meshConfig?: Record<string, unknown>
}

const webhookKinds = /^kind: (Mutating|Validating)WebhookConfiguration$/m

/**
 * Installs Istio in a cluster of the lab as users do: what `istioctl manifest generate` (profile minimal) prints, applied by
 * kubectl, CRDs included; then its istiod is started and its Deployment available. Afterwards "a control plane runs".
 *
 * Where istiod runs as a host process (no data plane) the webhooks are left out: nothing would answer behind their Service.
 * With a data plane they are real, and metrics are off, since their filter is not in vanilla Envoy.
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
  const istiod = await lab.istiod(cluster, options)
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

function operator(cluster: string, options: ControlPlaneOptions, dataplane: boolean) {
  const {
    systemNamespace,
    revision,
    meshID = 'mesh1',
    clusterName = cluster,
    network,
    trustDomain,
    version = '1.31.0',
  } = options
  return {
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    spec: {
      profile: 'minimal',
      hub: 'istio',
      tag: version,
      ...(revision && revision !== 'default' ? {revision} : {}),
      meshConfig: {
        ...(trustDomain ? {trustDomain} : {}),
        ...(dataplane ? {defaultProviders: {metrics: []}, accessLogFile: '/dev/stdout'} : {}),
        ...options.meshConfig,
      },
      values: {
        ...(dataplane ? {telemetry: {enabled: false}} : {}),
        global: {
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
