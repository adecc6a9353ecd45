import {mkdtempSync} from 'node:fs'
import {rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type AnyObject, type Api, openApi} from '../../support/servers/api.ts'
import {fakeControlPlane} from '../../support/fake/control-plane.ts'
import {comparable, readAll, runMesh, type Said} from '../../support/ground.ts'
import {startServers} from '../../support/servers/servers.ts'

/** One API server with a control plane's objects and its injector. */
export interface IngressGround {
  api: Api
  /** For what a test writes. */
  folder: string
  /** Writes a file and gives its path. */
  file(name: string, content: string | Buffer): Promise<string>
  /** `kubectl mesh ingress …` */
  ingress(...args: string[]): Promise<Said>
  /** All objects, as two moments must agree on them. */
  snapshot(): Promise<unknown>
  close(): Promise<void>
}

export async function openIngressGround(): Promise<IngressGround> {
  const servers = await startServers(['one'])
  const api = await openApi(servers.kubeconfig, 'one')
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-ingress-'))
  await fakeControlPlane(servers.kubeconfig, 'one', {clusterName: 'one'})
  await api.create(injector())
  return {
    api,
    folder,
    file: async (name, content) => {
      await writeFile(join(folder, name), content, {mode: 0o600})
      return join(folder, name)
    },
    ingress: (...args) => runMesh(['ingress', ...args], {env: {KUBECONFIG: servers.kubeconfig}}),
    snapshot: async () => {
      const all = comparable(await readAll(api, '', 'everything'), 'no namespace of this name') as object
      return Object.fromEntries(
        Object.entries(all).filter(([path]) => !/ipaddresses|servicecidrs|apiservices/.test(path)),
      )
    },
    close: async () => {
      api.close()
      await rm(folder, {recursive: true, force: true})
      await servers.stop()
    },
  }
}

/** The injector of the default revision, its selectors as Istio's chart has them (istiod chart, 1.31); nobody answers for it. */
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

/** A ready node with labels. */
export async function makeNode(api: Api, name: string, labels: Record<string, string> = {}): Promise<void> {
  await api.create({apiVersion: 'v1', kind: 'Node', metadata: {name, labels}})
  const conditions = [{type: 'Ready', status: 'True', lastHeartbeatTime: null, lastTransitionTime: null}]
  await api.apply({apiVersion: 'v1', kind: 'Node', metadata: {name}, status: {conditions}} as AnyObject, 'status')
}

/** A pod on a node that takes a port of it. */
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
