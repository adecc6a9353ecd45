import {execFileSync} from 'node:child_process'
import {mkdtempSync} from 'node:fs'
import {rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {buildLab} from '../../support/binaries.ts'
import {rootCert} from '../../support/ground/certificates.ts'
import {comparable, readAll} from '../../support/ground/objects.ts'
import {type MeshOptions, type ProgramResult, runMesh} from '../../support/ground/program.ts'
import {type AnyObject, type Api, openApi} from '../../support/servers/api.ts'
import {startServers} from '../../support/servers/servers.ts'

/** A dedicated API server, because tenants are read from all namespaces, with a real istioctl in PATH. */
export interface TenantGround {
  kubeconfig: string
  api: Api
  /** Folder with `istioctl`. */
  bin: string
  /** Folder for files of a test. */
  folder: string
  /** `kubectl mesh tenant …` */
  tenant(args: readonly string[], options?: MeshOptions): Promise<ProgramResult>
  istioctl(args: readonly string[]): string
  /** All objects, in a form that is equal if nothing has changed. */
  snapshot(): Promise<unknown>
  close(): Promise<void>
}

export async function openTenantGround(options: {crds?: boolean} = {}): Promise<TenantGround> {
  const {bin} = await buildLab('istio')
  const servers = await startServers(['one'], options)
  const api = await openApi(servers.kubeconfig, 'one')
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-tenant-'))
  const env = {KUBECONFIG: servers.kubeconfig, PATH: `${bin}:${process.env.PATH}`}
  return {
    kubeconfig: servers.kubeconfig,
    api,
    bin,
    folder,
    tenant: (args, {env: more, ...rest} = {}) => runMesh(['tenant', ...args], {...rest, env: {...env, ...more}}),
    istioctl: args => execFileSync(join(bin, 'istioctl'), [...args], {env: {...process.env, ...env}, encoding: 'utf8'}),
    snapshot: async () => comparable(await readAll(api, '', 'everything'), 'no namespace of this name'),
    close: async () => {
      api.close()
      await rm(folder, {recursive: true, force: true})
      await servers.stop()
    },
  }
}

/** Creates namespaces that exist before any tenant. */
export async function makeNamespaces(api: Api, ...names: string[]): Promise<void> {
  await Promise.all(names.map(name => api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name}})))
}

/** Writes what a running istiod writes: status of its Deployment, CA bundles in webhooks, root certificates in namespaces. */
export async function playIstiod(
  api: Api,
  revision: string,
  namespace: string,
  namespaces: readonly string[],
): Promise<void> {
  const name = `istiod-${revision}`
  const status = {observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1}
  await api.apply({apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name, namespace}, status}, 'status')
  for (const [kind, webhooks] of [
    [
      'MutatingWebhookConfiguration',
      ['rev.namespace.sidecar-injector.istio.io', 'rev.object.sidecar-injector.istio.io'],
    ],
    ['ValidatingWebhookConfiguration', ['rev.validation.istio.io']],
  ] as const) {
    const configuration = kind.startsWith('M')
      ? `istio-sidecar-injector-${revision}-${namespace}`
      : `istio-validator-${revision}-${namespace}`
    const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s/${configuration}`
    const live = (await api.get<AnyObject & {webhooks: {clientConfig: {caBundle?: string}; failurePolicy: string}[]}>(
      path,
    ))!
    if (live.webhooks.length !== webhooks.length) throw new Error(`${configuration} has other webhooks than expected`)
    for (const webhook of live.webhooks) {
      webhook.clientConfig.caBundle = Buffer.from(await rootCert()).toString('base64')
      webhook.failurePolicy = 'Fail'
    }
    await api.replace(live, 'pilot-discovery')
  }
  for (const each of [namespace, ...namespaces])
    await api.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'istio-ca-root-cert', namespace: each, labels: {'istio.io/config': 'true'}},
      data: {'root-cert.pem': `root of ${revision}`},
    })
  await api.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {name: 'istio-ca-secret', namespace},
    type: 'istio.io/ca-root',
    data: {},
  } as AnyObject)
  await api.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name: 'istio-leader', namespace, annotations: {'control-plane.alpha.kubernetes.io/leader': '{}'}},
  })
  await api.apply({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {name: `istio-gateway-deployment-${revision}`, namespace},
  })
}

/** A pod as the injector of a revision returns it. */
export function injectedPod(namespace: string, name: string, revision: string, istiodNamespace = revision): AnyObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-abc-xyz`,
      namespace,
      annotations: {'istio.io/rev': revision},
      labels: {'pod-template-hash': 'abc'},
      ownerReferences: [{apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-abc`, uid: '1'}],
    },
    spec: {
      containers: [
        {name, image: 'x'},
        {
          name: 'istio-proxy',
          image: 'x',
          env: [{name: 'CA_ADDR', value: `istiod-${revision}.${istiodNamespace}.svc:15012`}],
        },
      ],
    },
  }
}

const pruned = {
  v1: ['ConfigMap', 'Service', 'ServiceAccount'],
  'apps/v1': ['Deployment'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'rbac.authorization.k8s.io/v1': ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  'admissionregistration.k8s.io/v1': ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
}

/** Finishes foreground deletions, because no garbage collector runs here. */
export async function playGarbageCollector(api: Api): Promise<void> {
  for (const [apiVersion, kinds] of Object.entries(pruned))
    for (const kind of kinds) {
      const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
      const list = await api.get<{items: AnyObject[]}>(`${root}/${kind.toLowerCase()}s`)
      for (const item of list!.items)
        if (item.metadata.deletionTimestamp !== undefined)
          await api.replace({...item, apiVersion, kind, metadata: {...item.metadata, finalizers: []}}, 'collector')
    }
}
