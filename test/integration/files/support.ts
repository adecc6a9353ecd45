import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {buildLab} from '../../support/binaries.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {ProgramResult} from '../../support/ground/program.ts'
import {run} from '../../support/run.ts'
import {startServers} from '../../support/servers/servers.ts'
import {injector} from '../ingress/support.ts'
import {deployHello} from '../service/support.ts'

/** A document of a mesh file. */
export interface Document {
  apiVersion: string
  kind: string
  metadata?: {name: string}
  spec: Record<string, unknown>
}

/** Returns one document of each kind, in the form that export writes. */
export function documentsFor(ground: Ground): Document[] {
  const {namespace: systemNamespace} = ground
  const contexts = ['east', 'west']
  const files = (name: string) => join(ground.folder, name)
  const document = (kind: string, spec: Record<string, unknown>, name?: string): Document => {
    return {apiVersion: 'kubectl-mesh.io/v1alpha1', kind, ...(name ? {metadata: {name}} : {}), spec}
  }
  const east = {context: 'east'}
  return [
    document(
      'Addons',
      {...east, addons: ['prometheus'], from: files('prometheus.yaml'), systemNamespace},
      'prometheus',
    ),
    document('ControlPlane', {
      ...{...east, systemNamespace: 'planes', revision: 'r2', network: 'net-2'},
      set: ['values.pilot.autoscaleMin=2'],
    }),
    document(
      'ExternalAuthorizer',
      {
        ...east,
        service: 'opa.authz.svc:9191',
        to: 'workload/web',
        namespace: 'authz',
        notPath: ['/healthz'],
        systemNamespace,
      },
      'opa',
    ),
    document('Federation', {
      ...{contexts, mode: 'gateways', systemNamespace},
    }),
    document(
      'IngressGateway',
      {...east, namespace: 'edge', kind: 'daemonset', hostPort: ['80:8080', '443:8443'], systemNamespace},
      'edge',
    ),
    document('IngressTls', {
      ...{...east, host: 'shop.example.com', cert: files('tls.crt'), key: files('tls.key')},
      ...{gateway: 'edge', namespace: 'edge', redirect: true, systemNamespace},
    }),
    document(
      'LocalityBalance',
      {
        ...{...east, host: ['a.shop.svc.cluster.local', 'b.shop.svc.cluster.local'], systemNamespace},
        failoverPriority: ['app'],
      },
      'a.shop.svc.cluster.local-and-more',
    ),
    document('NodeLocalities', {...east, node: ['n1', 'n2'], region: 'eu', zone: 'eu-1'}, 'eu-eu-1'),
    document('ServiceExport', {namespace: 'hello', contexts: ['east'], to: ['west'], systemNamespace}, 'hello'),
    document('Tenant', {...east, namespaces: ['shop-a', 'shop-b'], via: 'none'}, 'shop'),
    document(
      'VirtualMachine',
      {
        ...{...east, namespace: 'vms', systemNamespace, serviceAccount: 'db', address: ['10.0.0.5'], port: 'tcp:5432'},
        ...{tokenDuration: '2h', gatewayAddress: '192.0.2.7'},
      },
      'db',
    ),
  ]
}

/** Two clusters with everything that `documentsFor` needs. */
export interface FilesGround {
  ground: Ground
  documents: Document[]
  mesh(...words: string[]): Promise<ProgramResult>
  /** Variables of the program, in addition to those of the ground. */
  env: Record<string, string>
  close(): Promise<void>
}

/** Starts dedicated servers, because export and prune read all namespaces. */
export async function openFilesGround(): Promise<FilesGround> {
  const {bin} = await buildLab('istio')
  const env = {PATH: `${bin}:${process.env.PATH}`}
  const servers = await startServers(['east', 'west'])
  const ground = await openGround(servers)
  await createNeeds(ground)
  return {
    ground,
    documents: documentsFor(ground),
    env,
    mesh: (...words) => ground.mesh(words, {env}),
    close: async () => {
      await ground.close()
      await servers.stop()
    },
  }
}

/** Creates what the documents refer to. */
async function createNeeds(ground: Ground): Promise<void> {
  const {api} = ground.cluster('east')
  for (const name of ['n1', 'n2']) await api.create({apiVersion: 'v1', kind: 'Node', metadata: {name}})
  for (const name of ['authz', 'shop', 'vms', 'edge'])
    await api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name}})
  for (const [name, namespace] of Object.entries({a: 'shop', b: 'shop', opa: 'authz'}))
    await api.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name, namespace},
      spec: {ports: [{port: 9191}], selector: {app: name}},
    })
  await deployHello(api, 'hello')
  const labels = {app: 'web'}
  const template = {metadata: {labels}, spec: {containers: [{name: 'web', image: 'web'}]}}
  const metadata = {name: 'web', namespace: 'authz'}
  await api.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {selector: {matchLabels: labels}, template},
  })
  await api.create(injector())
  const key = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30']
  const out = ['-keyout', join(ground.folder, 'tls.key'), '-out', join(ground.folder, 'tls.crt')]
  await run(['openssl', ...key, '-subj', '/CN=shop', '-addext', 'subjectAltName=DNS:shop.example.com', ...out])
  const manifest = join(import.meta.dirname, '../../fixtures/addons/prometheus.yaml')
  await writeFile(join(ground.folder, 'prometheus.yaml'), await readFile(manifest))
}
