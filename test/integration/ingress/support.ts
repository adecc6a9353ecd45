import {mkdtempSync} from 'node:fs'
import {rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fakeControlPlane} from '../../support/fake/control-plane.ts'
import {comparable, readAll} from '../../support/ground/objects.ts'
import {type ProgramResult, runMesh} from '../../support/ground/program.ts'
import {type AnyObject, type Api, openApi} from '../../support/servers/api.ts'
import {startServers} from '../../support/servers/servers.ts'

/** An API server with the objects of a control plane and its injector. */
export interface IngressGround {
  api: Api
  /** Folder for files of the test. */
  folder: string
  /** Writes a file into the folder and returns its path. */
  file(name: string, content: string | Buffer): Promise<string>
  env: {KUBECONFIG: string}
  /** `kubectl mesh ingress …` */
  ingress(...args: string[]): Promise<ProgramResult>
  /** All objects, in a form that can be compared at two moments. */
  snapshot(): Promise<unknown>
  close(): Promise<void>
}

export async function openIngressGround(): Promise<IngressGround> {
  const servers = await startServers(['one'])
  const api = await openApi(servers.kubeconfig, 'one')
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-ingress-'))
  await fakeControlPlane(servers.kubeconfig, 'one', {clusterName: 'one'})
  await api.create(injector())
  const env = {KUBECONFIG: servers.kubeconfig}
  return {
    api,
    folder,
    env,
    file: async (name, content) => {
      await writeFile(join(folder, name), content, {mode: 0o600})
      return join(folder, name)
    },
    ingress: (...args) => runMesh(['ingress', ...args], {env}),
    snapshot: async () => comparable(await readAll(api, '', 'everything'), 'no namespace of this name'),
    close: async () => {
      api.close()
      await rm(folder, {recursive: true, force: true})
      await servers.stop()
    },
  }
}

/** The injector of the default revision, with the selectors of the istiod chart (1.31). No server answers its webhooks. */
export function injector(): AnyObject {
  const webhook = (name: string, namespaceSelector: object[], objectSelector: object[]) => ({
    name,
    namespaceSelector: {matchExpressions: namespaceSelector},
    objectSelector: {matchExpressions: objectSelector},
    failurePolicy: 'Ignore',
    timeoutSeconds: 1,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    clientConfig: {service: {name: 'istiod', namespace: 'istio-system', path: '/inject'}},
    rules: [{operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods']}],
  })
  const absent = (key: string) => ({key, operator: 'DoesNotExist'})
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: {name: 'istio-sidecar-injector', labels: {'istio.io/rev': 'default', app: 'sidecar-injector'}},
    webhooks: [
      webhook(
        'namespace.sidecar-injector.istio.io',
        [{key: 'istio-injection', operator: 'In', values: ['enabled']}],
        [{key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false']}],
      ),
      webhook(
        'object.sidecar-injector.istio.io',
        [absent('istio-injection'), absent('istio.io/rev')],
        [{key: 'sidecar.istio.io/inject', operator: 'In', values: ['true']}, absent('istio.io/rev')],
      ),
    ],
  } as AnyObject
}

/** Creates a ready node. */
export async function makeNode(api: Api, name: string, labels: Record<string, string> = {}): Promise<void> {
  await api.create({apiVersion: 'v1', kind: 'Node', metadata: {name, labels}})
  const conditions = [{type: 'Ready', status: 'True', lastHeartbeatTime: null, lastTransitionTime: null}]
  await api.apply({apiVersion: 'v1', kind: 'Node', metadata: {name}, status: {conditions}} as AnyObject, 'status')
}

/** A pod that uses a port of its node. */
export function podWithHostPort(name: string, node: string, port: number): AnyObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name, namespace: 'default'},
    spec: {
      nodeName: node,
      containers: [{name: 'web', image: 'web', ports: [{containerPort: port, hostPort: port}]}],
    },
  } as AnyObject
}
