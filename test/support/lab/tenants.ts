import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {comparable} from '../ground/objects.ts'
import type {AnyObject} from '../servers/api.ts'
import {fromLoopback} from './debug-pages.ts'
import type {DataPlaneLab} from './lab.ts'

/** Writes a file for `--values` that disables features that Envoy without Istio's filters lacks. */
export async function writeLabValues(lab: DataPlaneLab): Promise<string> {
  const file = join(lab.dir, 'tenant-values.yaml')
  await writeFile(
    file,
    'kind: IstioOperator\nspec:\n  meshConfig: {defaultProviders: {metrics: []}}\n  values: {telemetry: {enabled: false}}\n',
  )
  return file
}

/** Deploys the Service `web`, which answers on port 5000, to a namespace. */
export async function deployWeb(lab: DataPlaneLab, cluster: string, namespace: string): Promise<void> {
  const labels = {app: 'web', version: namespace}
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'web', namespace},
      spec: {selector: {app: 'web'}, ports: [{name: 'http', port: 5000}]},
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {name: 'web', namespace},
      spec: {
        selector: {matchLabels: {app: 'web'}},
        template: {
          metadata: {labels},
          spec: {containers: [{name: 'web', image: 'web', ports: [{containerPort: 5000}]}]},
        },
      },
    },
  ]
  for (const object of objects) await lab.kubectl(cluster, ['create', '-f', '-'], {input: JSON.stringify(object)})
  await lab.kubectl(cluster, ['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=60s'])
}

/**
 * Simulates the kubelet for the temporary pods of `tenant verify --traffic`: gives each a network namespace and a sidecar,
 * runs the server, and runs the command of the client with real traffic.
 *
 * @returns a function that stops it, and the pods
 */
export function playTrafficPods(lab: DataPlaneLab, cluster: string): () => Promise<void> {
  const done = new Set<string>()
  const started: string[] = []
  let stopped = false
  const startPods = async () => {
    for (const pod of await listTrafficPods(lab, cluster)) {
      if (done.has(pod.metadata.uid)) continue
      if (isClient(pod)) await runClient(lab, cluster, pod)
      else await lab.pod(cluster, pod.metadata.namespace, pod.metadata.name)
      started.push(`${lab.env.DP_PREFIX}-${cluster}-${pod.metadata.name}`)
      // After an error, the next round tries the pod again.
      done.add(pod.metadata.uid)
    }
  }
  const loop = (async () => {
    while (!stopped) {
      // A pod may be deleted before it is started.
      await startPods().catch(error => process.stderr.write(`simulated kubelet: ${error}\n`))
      await new Promise(resolve => setTimeout(resolve, 300))
    }
  })()
  return async () => {
    stopped = true
    await loop
    for (const netns of started) await lab.signal(netns, 'KILL')
  }
}

/** The pods with an IP address, servers first: a client that sends requests to a missing server gets 503. */
async function listTrafficPods(lab: DataPlaneLab, cluster: string): Promise<Pod[]> {
  const selector = 'app in (mesh-server,mesh-client)'
  const list = await lab.kubectl(cluster, ['get', 'pods', '-A', '-l', selector, '-o', 'json'])
  return (JSON.parse(list) as {items: Pod[]}).items
    .filter(pod => pod.status.podIP)
    .toSorted((a, b) => Number(isClient(a)) - Number(isClient(b)))
}

/** Runs the command of the client in its network namespace, and stores the result in the status of the pod. */
async function runClient(lab: DataPlaneLab, cluster: string, pod: Pod): Promise<void> {
  const {name, namespace} = pod.metadata
  const netns = await lab.pod(cluster, namespace, name, ['true'])
  await lab.updateHosts(cluster)
  const log = join(lab.dir, `${namespace}.log`)
  const script = pod.spec.containers.find(each => each.name === 'mesh-client')!.command![2]!
  await lab.exec(netns, ['sh', '-c', script.replaceAll('/dev/termination-log', log)])
  const terminated = {exitCode: 0, message: await readFile(log, 'utf8')}
  const containerStatuses = [
    {name: 'mesh-client', image: 'x', imageID: 'x', ready: false, restartCount: 0, state: {terminated}},
  ]
  const patch = JSON.stringify({status: {containerStatuses}})
  await lab.kubectl(cluster, [
    ...['-n', namespace, 'patch', 'pod', name],
    ...['--subresource=status', '--type=merge', '-p', patch],
  ])
}

interface Pod {
  metadata: {name: string; namespace: string; uid: string}
  spec: {containers: {name: string; command?: string[]}[]}
  status: {podIP?: string}
}

/** Forwards ports of a tenant's istiod pod from loopback, like a kubelet, when the API server asks the simulated one for it. */
export async function forwardIstiod(lab: DataPlaneLab, cluster: string, tenant: string): Promise<void> {
  const list = await lab.kubectl(cluster, ['-n', tenant, 'get', 'pod', '-l', 'app=istiod', '-o', 'json'])
  const [pod] = (JSON.parse(list) as {items: Pod[]}).items
  const forward = {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'PortForward',
    metadata: {name: pod!.metadata.name, namespace: tenant},
    spec: {
      forwards: [15010, 15012, 15014, 8080].map(port => ({
        ports: [port],
        command: ['python3', '-c', fromLoopback, pod!.status.podIP, String(port)],
      })),
    },
  }
  await lab.kubectl(cluster, ['apply', '-f', '-'], {input: JSON.stringify(forward)})
}

/** Resources that servers, nodes and proxies write continuously, and definitions, which are never removed. */
const volatileResources =
  /^(events|leases|endpoints|componentstatuses|nodes|ipaddresses|servicecidrs|apiservices|csinodes|customresourcedefinitions|endpointslices|podmetrics|nodemetrics)\b|flowcontrol|\.istio\.io$/

/** All objects of a cluster in a form that is equal at two points in time if nothing changed. */
export async function readCluster(lab: DataPlaneLab, cluster: string): Promise<unknown> {
  const names = (await lab.kubectl(cluster, ['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n')
  const kinds = names.filter(name => !volatileResources.test(name))
  const list = await lab.kubectl(cluster, ['get', kinds.join(','), '-A', '-o', 'json'])
  const items = (JSON.parse(list) as {items: AnyObject[]}).items
  const byPath = items.map(
    item => [`${item.kind} ${item.metadata.namespace ?? ''}/${item.metadata.name}`, item] as const,
  )
  return comparable(Object.fromEntries(byPath), 'no namespace of this name')
}

function isClient(pod: Pod): boolean {
  return !pod.metadata.name.startsWith('mesh-server')
}
