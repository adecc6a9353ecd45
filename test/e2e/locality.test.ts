import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {type Endpoint, type Lab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk} from '../support/lab/mesh.ts'
import {deploySample} from '../support/lab/sample.ts'

const service = 'outbound|5000||helloworld.sample.svc.cluster.local'
/** Regions by node; each gets one pod of the sample. */
const places = {'east-node-1': 'shenzhen', 'east-node-2': 'beijing', 'east-node-3': 'tokyo'} as const

interface Status {
  servedFrom: {from: string; served: {priority: number; share?: number; locality: string; endpoints: number}[]}[]
}

describe.skipIf(!inject('lab').clusters)('mesh locality with a real istiod', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab({clusters: ['east']})
    const node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {name: 'east-node-3', annotations: {'kwok.x-k8s.io/node': 'fake'}},
    }
    await lab.kubectl('east', ['apply', '-f', '-'], {input: JSON.stringify(node)})
    await installControlPlane(lab, 'east')
    await deploySample(lab, 'east', 'v1')
    const spread = {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: {matchLabels: {app: 'helloworld'}},
          // Pods from before the patch do not count.
          matchLabelKeys: ['pod-template-hash'],
        },
      ],
    }
    const labels = Object.keys(places).map(name =>
      lab.kubectl('east', ['label', 'node', name, `kubernetes.io/hostname=${name}`, '--overwrite']),
    )
    await Promise.all(labels)
    const patch = JSON.stringify({spec: {replicas: 3, template: {spec: spread}}})
    await lab.kubectl('east', ['-n', 'sample', 'patch', 'deployment', 'helloworld-v1', '--type=merge', '-p', patch])
    await lab.kubectl('east', ['-n', 'sample', 'rollout', 'status', 'deployment/helloworld-v1', '--timeout=90s'])
  })

  afterAll(() => lab?.stop())

  /** The priorities by region that istiod sends to a proxy in a locality. */
  async function sentPriorities(locality: string): Promise<Record<string, number>> {
    const {endpoints} = await lab.ask('east', {namespace: 'sample', locality, grep: 'helloworld'})
    return Object.fromEntries(
      (endpoints[service] ?? []).map((endpoint: Endpoint) => [endpoint.locality.split('/')[0]!, endpoint.priority]),
    )
  }

  /** The same priorities as `locality status` shows them. */
  async function shownPriorities(locality: string): Promise<Record<string, number>> {
    const text = await meshOk(lab, [
      'locality',
      'status',
      'helloworld',
      '-n',
      'sample',
      '--from',
      locality,
      '-o',
      'json',
    ])
    const [from] = (JSON.parse(text) as Status).servedFrom
    return Object.fromEntries(from!.served.map(({locality: place, priority}) => [place.split('/')[0]!, priority]))
  }

  test('before: no locality is known, and all endpoints have equal priority', async () => {
    expect(await sentPriorities('shenzhen/sz-1')).toEqual({'': 0})
    const {stdout} = await mesh(lab, ['locality', 'status'])
    expect(stdout).toMatch(/3 of 3 nodes without a region/)
  })

  test('after label and balance, proxies get the priorities that status shows', async () => {
    const patterns = Object.entries(places).flatMap(([node, region]) => ['--pattern', `${node}=${region}/${region}-1`])
    const {code, stderr} = await mesh(lab, ['locality', 'label', ...patterns, '--yes'])
    expect(code).toBe(0)
    // istiod reads the locality of a pod when it or the pod starts.
    expect(stderr).toContain('rollout restart deployment -l app=istiod')
    const before = await meshOk(lab, ['locality', 'status'])
    expect(before).toContain('istiod uses an outdated locality for 4 pods')
    await lab.kubectl('east', ['-n', 'istio-system', 'rollout', 'restart', 'deployment', '-l', 'app=istiod'])
    await lab.kubectl('east', ['-n', 'istio-system', 'rollout', 'status', 'deployment/istiod', '--timeout=60s'])
    await lab.istiod('east')
    await expect.poll(() => meshOk(lab, ['locality', 'status']), {timeout: 30_000}).not.toContain('outdated locality')
    // Localities alone set no priorities.
    await expect
      .poll(() => sentPriorities('shenzhen/shenzhen-1'), {timeout: 60_000})
      .toEqual({shenzhen: 0, beijing: 0, tokyo: 0})
    expect(await shownPriorities('shenzhen/shenzhen-1')).toEqual({shenzhen: 0, beijing: 0, tokyo: 0})

    await meshOk(lab, ['locality', 'balance', 'helloworld', '-n', 'sample', '--failover', 'shenzhen=tokyo', '--yes'])
    const expected = {
      'shenzhen/shenzhen-1': {shenzhen: 0, tokyo: 1, beijing: 2},
      // No failover is set for the others.
      'beijing/beijing-1': {beijing: 0, shenzhen: 1, tokyo: 1},
      'tokyo/elsewhere': {tokyo: 0, beijing: 1, shenzhen: 1},
    }
    for (const [from, priorities] of Object.entries(expected)) {
      await expect.poll(() => sentPriorities(from), {timeout: 60_000}).toEqual(priorities)
      expect(await shownPriorities(from)).toEqual(priorities)
    }
  })

  test('by labels with --failover-priority, and by zone with --prefer-close', async () => {
    await meshOk(lab, [
      'locality',
      'balance',
      'helloworld',
      '-n',
      'sample',
      '--failover-priority',
      'topology.kubernetes.io/region,topology.kubernetes.io/zone',
      '--reset',
      'failover',
      '--yes',
    ])
    await expect
      .poll(() => sentPriorities('beijing/beijing-1'), {timeout: 60_000})
      .toEqual({beijing: 0, shenzhen: 1, tokyo: 1})
    expect(await shownPriorities('beijing/beijing-1')).toEqual({beijing: 0, shenzhen: 1, tokyo: 1})
    await lab.kubectl('east', ['-n', 'sample', 'delete', 'destinationrule', '--all'])
    await expect
      .poll(() => sentPriorities('beijing/beijing-1'), {timeout: 60_000})
      .toEqual({beijing: 0, shenzhen: 0, tokyo: 0})
    await meshOk(lab, ['locality', 'balance', 'helloworld', '-n', 'sample', '--prefer-close', '--yes'])
    await expect
      .poll(() => sentPriorities('beijing/beijing-1'), {timeout: 60_000})
      .toEqual({beijing: 0, shenzhen: 1, tokyo: 1})
    expect(await shownPriorities('beijing/beijing-1')).toEqual({beijing: 0, shenzhen: 1, tokyo: 1})
    await lab.kubectl('east', [
      '-n',
      'sample',
      'patch',
      'service',
      'helloworld',
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/spec/trafficDistribution"}]',
    ])
  })

  test('--distribute excludes localities that are not listed, and warns about it', async () => {
    const distribute = ['--distribute', 'shenzhen=shenzhen:80,beijing:20']
    const {code, stderr} = await mesh(lab, [
      'locality',
      'balance',
      'helloworld',
      '-n',
      'sample',
      ...distribute,
      '--yes',
    ])
    expect({code, stderr}).toEqual({
      code: 0,
      stderr: expect.stringContaining('never use the endpoints in tokyo/tokyo-1'),
    })
    await expect.poll(() => sentPriorities('shenzhen/shenzhen-1'), {timeout: 60_000}).toEqual({shenzhen: 0, beijing: 0})
    expect(await shownPriorities('shenzhen/shenzhen-1')).toEqual({shenzhen: 0, beijing: 0})
    expect(await sentPriorities('tokyo/tokyo-1')).toEqual({shenzhen: 0, beijing: 0, tokyo: 0})
    expect(await shownPriorities('tokyo/tokyo-1')).toEqual({shenzhen: 0, beijing: 0, tokyo: 0})
  })

  test('the manifests pass istioctl validate', async () => {
    const yaml = await meshOk(lab, [
      'locality',
      'balance',
      'helloworld',
      '-n',
      'sample',
      '--failover',
      'a=b',
      '--dry-run=client',
    ])
    const file = join(lab.dir, 'balance.yaml')
    await writeFile(file, yaml)
    // Fails if a manifest is not valid.
    await lab.istioctl(['validate', '-f', file])
  })
})
