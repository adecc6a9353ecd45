import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {dump, loadAll} from 'js-yaml'
import {labCache} from '../binaries.ts'
import {run} from '../run.ts'
import type {DataPlaneLab} from './lab.ts'

/** The pods that are played: those of east-west gateways. */
const selector = 'istio=eastwestgateway'

/** A load balancer sends new connections to a pod that is ending for about this time. */
const removedAfterMs = 1000

interface Stage {
  metadata: {name: string}
  spec: {
    selector: {matchExpressions: {key: string; operator: string; values?: string[]}[]}
    next: {statusTemplate?: string}
  }
}

/**
 * Writes a configuration of kwok for `LAB_KWOK`: gateway pods get an address, but they do not become ready, and they end only
 * when they are removed with force.
 */
export async function writeGatewayStages(folder: string): Promise<string> {
  const stages = loadAll(await readFile(join(labCache().share, 'kwok.yaml'), 'utf8')) as Stage[]
  const written = stages.flatMap(stage => {
    const {name} = stage.metadata
    if (name === 'pod-delete') return [limited(stage, 'NotIn')]
    return name === 'pod-ready' ? [limited(stage, 'NotIn'), starting(limited(stage, 'In'))] : [stage]
  })
  const file = join(folder, 'kwok-gateways.yaml')
  await writeFile(file, written.map(stage => dump(stage)).join('---\n'))
  return file
}

function limited(stage: Stage, operator: 'In' | 'NotIn'): Stage {
  const copy = structuredClone(stage)
  copy.spec.selector.matchExpressions.push({key: '.metadata.labels["istio"]', operator, values: ['eastwestgateway']})
  return copy
}

function starting({spec, ...stage}: Stage): Stage {
  const statusTemplate = spec.next
    .statusTemplate!.replace(/"True"(\s+type: (Ready|ContainersReady)\b)/g, '"False"$1')
    .replace('ready: true', 'ready: false')
  return {...stage, metadata: {name: 'gateway-starting'}, spec: {...spec, next: {statusTemplate}}}
}

interface Pod {
  metadata: {name: string; namespace: string; uid: string; deletionTimestamp?: string}
  status: {podIP?: string}
}

/**
 * Simulates the kubelet and the load balancer for the gateway pods of a cluster. A pod becomes ready when its Envoy is. A pod
 * that is deleted receives SIGTERM, gets new connections for another second, and exists until its agent has drained Envoy and
 * ended.
 *
 * @param address load balancer address of the Service
 * @returns a function that stops it
 */
export function playGatewayPods(lab: DataPlaneLab, cluster: string, address: string): () => Promise<void> {
  const player = new GatewayPods(lab, cluster, address)
  const playing = player.play()
  return async () => {
    player.stopped = true
    await playing
  }
}

class GatewayPods {
  stopped = false
  private readonly begun = new Map<string, Promise<void>>()
  private readonly ready: Pod[] = []
  private readonly lab: DataPlaneLab
  private readonly cluster: string
  private readonly address: string

  constructor(lab: DataPlaneLab, cluster: string, address: string) {
    this.lab = lab
    this.cluster = cluster
    this.address = address
  }

  async play(): Promise<void> {
    while (!this.stopped) {
      for (const pod of await this.listPods()) {
        const {uid, deletionTimestamp} = pod.metadata
        if (deletionTimestamp) this.begin(`end ${uid}`, () => this.end(pod))
        else if (pod.status.podIP) this.begin(`start ${uid}`, () => this.start(pod))
      }
      await setTimeout(300)
    }
    await Promise.all(this.begun.values())
  }

  private begin(key: string, work: () => Promise<void>): void {
    const report = (error: unknown) => void (this.stopped || process.stderr.write(`${this.cluster}: ${error}\n`))
    if (!this.begun.has(key)) this.begun.set(key, work().catch(report))
  }

  private async listPods(): Promise<Pod[]> {
    const list = await this.lab
      .kubectl(this.cluster, ['get', 'pods', '-A', '-l', selector, '-o', 'json'])
      .catch(() => '')
    return list === '' ? [] : (JSON.parse(list) as {items: Pod[]}).items
  }

  private async start(pod: Pod): Promise<void> {
    const {name, namespace} = pod.metadata
    await this.lab.pod(this.cluster, namespace, name)
    const status = {
      conditions: ['Ready', 'ContainersReady'].map(type => ({type, status: 'True'})),
      containerStatuses: [
        {name: 'istio-proxy', image: 'x', imageID: 'x', restartCount: 0, ready: true, state: {running: {}}},
      ],
    }
    this.ready.push(pod)
    if (this.ready.length === 1) await this.connect()
    const patch = ['patch', 'pod', name, '--subresource=status', '-p', JSON.stringify({status})]
    await this.lab.kubectl(this.cluster, ['-n', namespace, ...patch])
  }

  /** Makes the load balancer send new connections to the newest pod. */
  private async connect(): Promise<void> {
    const {name, namespace} = this.ready.at(-1)!.metadata
    await this.lab.loadBalancer(this.cluster, namespace, 'istio-eastwestgateway', this.address, name)
  }

  private async end({metadata: {name, namespace, uid}}: Pod): Promise<void> {
    await this.begun.get(`start ${uid}`)
    const netns = `${this.lab.env.DP_PREFIX}-${this.cluster}-${name}`
    await this.lab.signal(netns, 'TERM', 'pilot-agent')
    await setTimeout(removedAfterMs)
    const at = this.ready.findIndex(({metadata}) => metadata.uid === uid)
    if (at >= 0) this.ready.splice(at, 1)
    if (this.ready.length > 0) await this.connect()
    while ((await run(['ip', 'netns', 'pids', netns])).stdout.trim() !== '') await setTimeout(300)
    const remove = ['delete', 'pod', name, '--force', '--grace-period=0']
    await this.lab.kubectl(this.cluster, ['-n', namespace, ...remove])
  }
}
