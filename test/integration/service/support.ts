import {type Ground, type GroundOptions, openGround} from '../../support/ground/ground.ts'
import type {ProgramResult} from '../../support/ground/program.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'

/** A ground whose clusters are joined by `federate --mode gateways`. */
export async function openGateways(
  servers: {kubeconfig: string; contexts: string[]},
  flags: readonly string[] = [],
  options: GroundOptions = {},
): Promise<Ground> {
  const ground = await openGround(servers, options)
  const {code, stdout, stderr} = await federateGateways(ground, [...flags, '--yes'])
  if (code !== 0) throw new Error(`federate ended with ${code}\n${stdout}\n${stderr}`)
  ground.reset()
  return ground
}

/** Runs `kubectl mesh federate --mode gateways` for all clusters. */
export function federateGateways(ground: Ground, args: readonly string[]): Promise<ProgramResult> {
  const contexts = ground.clusters.map(({context}) => context).join(',')
  const where = ['--contexts', contexts, '--system-namespace', ground.namespace]
  return ground.mesh(['federate', '--mode', 'gateways', ...where, ...args])
}

/** Runs `kubectl mesh service …` in the system namespace of the ground. */
export function service(ground: Ground, args: readonly string[]): Promise<ProgramResult> {
  return ground.mesh(['service', ...args, '--system-namespace', ground.namespace])
}

/** Creates a namespace with a Service `hello` and a pod that it selects. */
export async function deployHello(api: Api, namespace: string, labels: Record<string, string> = {}): Promise<void> {
  await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
  await api.apply({apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: 'hello', namespace}})
  await api.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name: 'hello', namespace, labels: {app: 'hello', 'security.istio.io/tlsMode': 'istio'}},
    spec: {serviceAccountName: 'hello', automountServiceAccountToken: false, containers: [{name: 'app', image: 'app'}]},
  })
  await deployService(api, namespace, 'hello', {selector: {app: 'hello'}, ports: [{port: 80, name: 'http'}]}, labels)
}

/** Creates a Service. */
export async function deployService(
  api: Api,
  namespace: string,
  name: string,
  spec: object,
  labels: Record<string, string> = {},
): Promise<void> {
  await api.apply({apiVersion: 'v1', kind: 'Service', metadata: {name, namespace, labels}, spec})
}

/** The ServiceEntries and DestinationRules in a system namespace, by `entry NAME` and `rule NAME`. */
export async function importsOf(api: Api, namespace: string): Promise<Record<string, AnyObject & {spec: ImportSpec}>> {
  const lists = await Promise.all(
    ['serviceentries', 'destinationrules'].map(plural =>
      api.get<{items: (AnyObject & {spec: ImportSpec})[]}>(
        `/apis/networking.istio.io/v1/namespaces/${namespace}/${plural}`,
      ),
    ),
  )
  return Object.fromEntries(
    lists.flatMap((list, at) =>
      (list?.items ?? []).map(item => [`${at === 0 ? 'entry' : 'rule'} ${item.metadata.name}`, item]),
    ),
  )
}

interface ImportSpec {
  addresses?: string[]
  subjectAltNames?: string[]
  endpoints?: {address: string; network: string}[]
}
