import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {AnyObject} from '../servers/api.ts'
import {comparable} from '../ground.ts'
import type {DataPlaneLab} from './lab.ts'

/** What vanilla Envoy lacks is left out of the control planes: a file for `--values`. */
export async function writeLabValues(lab: DataPlaneLab): Promise<string> {
  const file = join(lab.dir, 'tenant-values.yaml')
  await writeFile(
    file,
    'kind: IstioOperator\nspec:\n  meshConfig: {defaultProviders: {metrics: []}}\n  values: {telemetry: {enabled: false}}\n',
  )
  return file
}

/** A Deployment and a Service `web`, answering on 5000, in a namespace. */
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
 * Plays the kubelet for the throw-away pods of `tenant verify --traffic` until it is stopped: gives each its network
 * namespace and sidecar, answers as the server, and runs the client's own command with real traffic.
 */
export function playTrafficPods(lab: DataPlaneLab, cluster: string): () => Promise<void> {
  const seen = new Set<string>()
  let stopped = false
  const look = async () => {
    const list = await lab.kubectl(cluster, [
      'get',
      'pods',
      '-A',
      '-l',
      'app in (mesh-server,mesh-client)',
      '-o',
      'json',
    ])
    const pods = (JSON.parse(list) as {items: Pod[]}).items
      .filter(pod => pod.status.podIP && !seen.has(keyOf(pod)))
      // a client that asks before the servers are real is told 503
      .toSorted((a, b) => Number(isClient(a)) - Number(isClient(b)))
    for (const pod of pods) {
      const {name, namespace} = pod.metadata
      if (!isClient(pod)) await lab.pod(cluster, namespace, name)
      else await runClient(pod)
      // one that did not get ready is tried again
      seen.add(keyOf(pod))
    }
  }
  const runClient = async (pod: Pod) => {
    const {name, namespace} = pod.metadata
    const netns = await lab.pod(cluster, namespace, name, ['true'])
    await lab.updateHosts(cluster)
    const log = join(lab.dir, `${namespace}.log`)
    const script = pod.spec.containers.find(each => each.name === 'mesh-client')!.command![2]!
    await lab.exec(netns, ['sh', '-c', script.replaceAll('/dev/termination-log', log)])
    const terminated = {exitCode: 0, message: await readFile(log, 'utf8')}
    const status = {
      containerStatuses: [
        {name: 'mesh-client', image: 'x', imageID: 'x', ready: false, restartCount: 0, state: {terminated}},
      ],
    }
    await lab.kubectl(cluster, [
      '-n',
      namespace,
      'patch',
      'pod',
      name,
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({status}),
    ])
  }
  const loop = (async () => {
    while (!stopped) {
      // a pod may be gone before it is made real
      await look().catch(error => process.stderr.write(`played kubelet: ${error}\n`))
      await new Promise(resolve => setTimeout(resolve, 300))
    }
  })()
  return async () => {
    stopped = true
    await loop
  }
}

interface Pod {
  metadata: {name: string; namespace: string; uid: string}
  spec: {containers: {name: string; command?: string[]}[]}
  status: {podIP?: string}
}

function keyOf({metadata}: Pod): string {
  return metadata.uid
}

/** Lets port-forwards to a tenant's istiod, which the API server hands to the played kubelet, reach its process. */
export async function forwardIstiod(lab: DataPlaneLab, cluster: string, tenant: string): Promise<void> {
  const list = await lab.kubectl(cluster, ['-n', tenant, 'get', 'pod', '-l', 'app=istiod', '-o', 'json'])
  const [pod] = (JSON.parse(list) as {items: Pod[]}).items
  const forward = {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'PortForward',
    metadata: {name: pod!.metadata.name, namespace: tenant},
    spec: {
      forwards: [15010, 15012, 15014, 8080].map(port => ({ports: [port], target: {address: pod!.status.podIP, port}})),
    },
  }
  await lab.kubectl(cluster, ['apply', '-f', '-'], {input: JSON.stringify(forward)})
}

/** Kinds that servers, nodes and proxies write by themselves, and definitions, which stay. */
const restless =
  /^(events|leases|endpoints|componentstatuses|nodes|ipaddresses|servicecidrs|apiservices|csinodes|customresourcedefinitions|endpointslices|podmetrics|nodemetrics)\b|flowcontrol|\.istio\.io$/

/** All objects of a cluster as two moments must agree on them, but for what is written all the time. */
export async function readCluster(lab: DataPlaneLab, cluster: string): Promise<unknown> {
  const names = (await lab.kubectl(cluster, ['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n')
  const kinds = names.filter(name => !restless.test(name))
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
