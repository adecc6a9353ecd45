import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, type GroundCluster, isWrite, openGround} from '../../support/ground/ground.ts'
import {home, programWords} from '../../support/ground/program.ts'
import {type Ran, run} from '../../support/run.ts'
import {passAfter} from '../../support/servers/fault-proxy.ts'
import {findKubectl} from '../../support/servers/kubectl.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const region = 'topology.kubernetes.io/region'
const zone = 'topology.kubernetes.io/zone'

describe.skipIf(!servers)('mesh locality label on a real API server', () => {
  let ground: Ground
  let one: GroundCluster
  /** Nodes are not namespaced, so their names must be unique. */
  let prefix: string
  const created: string[] = []

  beforeAll(async () => {
    ground = await openGround(servers!, {contexts: servers!.contexts.slice(0, 1), controlPlane: () => false})
    one = ground.clusters[0]!
    prefix = `n${process.pid}`
  })
  afterAll(async () => {
    await inParallel(created, name => one.api.delete(`/api/v1/nodes/${name}`))
    await ground?.close()
  })
  beforeEach(() => ground.reset())

  async function createNodes(names: string[], labels: Record<string, string> = {}, spec: object = {}): Promise<void> {
    created.push(...names)
    await inParallel(names, name => one.api.apply({apiVersion: 'v1', kind: 'Node', metadata: {name, labels}, spec}))
  }
  /** Runs a command, and returns its CPU time too: elapsed time depends on what else the machine does. */
  async function measured(argv: readonly string[], env: Record<string, string> = {}): Promise<Ran & {seconds: number}> {
    const file = join(ground.folder, 'times')
    const ran = await run(['sh', '-c', '"$@"; code=$?; times > "$0"; exit $code', file, ...argv], {env})
    // The second line is about children: user and system.
    const [, children = ''] = (await readFile(file, 'utf8')).split('\n')
    const times = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
      ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
    )
    return {...ran, seconds: times.reduce((sum, time) => sum + time, 0)}
  }
  const labelsOf = async (name: string) =>
    (await one.api.get(`/api/v1/nodes/${name}`))!.metadata.labels as Record<string, string>
  const label = (...args: string[]) => ground.mesh(['locality', 'label', ...args])

  it('labels 1,000 nodes with one LIST of nodes and one PATCH each, and at most a tenth of the CPU time of a kubectl loop', async () => {
    const [sz, bj, loop] = ['sz', 'bj', 'loop'].map(part => `${prefix}-${part}`)
    const names = Array.from({length: 1000}, (_, at) => `${at % 2 ? sz : bj}-${at}`)
    const loopNodes = Array.from({length: 15}, (_, at) => `${loop}-${at}`)
    await createNodes([...names, ...loopNodes])
    const patterns = ['--pattern', `${sz}-*=shenzhen/sz-1`, '--pattern', `${bj}-*=beijing/bj-1`]
    const planned = await label(...patterns, '--dry-run=server')
    expect(planned.stdout.split('\n').length).toBeLessThan(60)
    expect(planned.stdout).toContain('1000 to change')
    expect(ground.writes()).toEqual([])
    ground.reset()

    const words = [...programWords, 'locality', 'label', ...patterns, '--yes']
    const {code, stdout, stderr, seconds: ours} = await measured(words, {...ground.env, HOME: home})
    expect({code, stderr}).toEqual({
      code: 0,
      stderr: expect.stringContaining('1000 nodes labelled; 0 of 1000 already had the requested labels'),
    })
    expect(stdout.trim().split('\n')).toHaveLength(1000)
    expect(ground.writes().map(({method}) => method)).toEqual(Array(1000).fill('PATCH'))
    const reads = one.proxy.requests.filter(({url, method}) => method === 'GET' && /^\/api\/v1\/nodes(\?|$)/.test(url))
    // Pages of one LIST; the first half belongs to the dry run.
    expect(new Set(reads.slice(-3).map(({url}) => new URL(url, 'https://x').pathname))).toEqual(
      new Set(['/api/v1/nodes']),
    )
    expect(one.proxy.requests.some(({method, url}) => method === 'GET' && /\/nodes\/./.test(url))).toBe(false)
    expect(await labelsOf(`${sz}-999`)).toMatchObject({[region]: 'shenzhen', [zone]: 'sz-1'})

    const kubectl = await findKubectl()
    const {kubeconfig, context} = one.direct
    let theirs = 0
    for (const name of loopNodes) {
      const labels = [`${region}=shenzhen`, `${zone}=sz-1`]
      const ran = await measured([
        kubectl,
        '--kubeconfig',
        kubeconfig,
        '--context',
        context,
        'label',
        'node',
        name,
        ...labels,
      ])
      expect(ran.code, ran.stderr).toBe(0)
      theirs += ran.seconds
    }
    const ratio = ((theirs / loopNodes.length) * 1000) / ours
    process.stderr.write(`1,000 nodes: a kubectl loop takes ${ratio.toFixed(1)} times the CPU time\n`)
    expect(ratio).toBeGreaterThan(10)

    ground.reset()
    const again = await label(...patterns, '--yes')
    expect(again.code).toBe(0)
    expect(ground.writes()).toEqual([])
  })

  it('names the namespace of istiod in the hint', async () => {
    const name = `${prefix}-hint`
    await createNodes([name])
    const labels = {app: 'istiod'}
    await one.api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: ground.namespace}})
    await one.api.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {name: 'istiod-hint', namespace: ground.namespace, labels},
      spec: {
        selector: {matchLabels: labels},
        template: {metadata: {labels}, spec: {containers: [{name: 'discovery', image: 'x'}]}},
      },
    })
    const {code, stderr} = await label(name, '--region', 'r1', '--yes')
    expect(code, stderr).toBe(0)
    expect(stderr).toContain(`  kubectl -n ${ground.namespace} rollout restart deployment -l app=istiod`)
  })

  it('keeps labels that another client writes at the same time', async () => {
    const name = `${prefix}-busy`
    await createNodes([name], {mine: 'before'})
    let first = true
    one.proxy.decide = ({method, url}) => {
      if (method !== 'PATCH' || !url.includes(name) || !first) return 'pass'
      first = false
      return passAfter(one.api.apply({apiVersion: 'v1', kind: 'Node', metadata: {name, labels: {mine: 'meanwhile'}}}))
    }
    const {code, stderr} = await label(name, '--region', 'r', '--yes')
    expect({code, stderr}).toMatchObject({code: 0})
    expect(await labelsOf(name)).toMatchObject({mine: 'meanwhile', [region]: 'r'})
    expect(ground.writes()).toHaveLength(2)
  })

  it('replaces the label of a cloud only with --overwrite, and warns about it', async () => {
    const names = [1, 2, 3].map(at => `${prefix}-cloud-${at}`)
    await createNodes(
      names,
      {[zone]: 'eu-central-1a', [region]: 'eu-central-1'},
      {providerID: 'aws:///eu-central-1a/i-1'},
    )
    const refused = await label('--pattern', `${prefix}-cloud-*=eu-central-1/rack-7`, '--yes')
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain(
      `error: ${names[0]} … ${names[2]}: ${zone} is eu-central-1a on machines of the cloud aws; expected rack-7`,
    )
    expect(ground.writes()).toEqual([])
    const done = await label('--pattern', `${prefix}-cloud-*=eu-central-1/rack-7`, '--overwrite', '--yes')
    expect(done.stderr).toContain('warning:')
    expect(await labelsOf(names[1]!)).toMatchObject({[zone]: 'rack-7', [region]: 'eu-central-1'})
  })

  it('translates deprecated labels', async () => {
    const name = `${prefix}-old`
    await createNodes([name], {
      'failure-domain.beta.kubernetes.io/region': 'r0',
      'failure-domain.beta.kubernetes.io/zone': 'z0',
      [`${prefix}`]: 'old',
    })
    const {code} = await label('-l', `${prefix}=old`, '--yes')
    expect(code).toBe(0)
    expect(await labelsOf(name)).toMatchObject({[region]: 'r0', [zone]: 'z0'})
  })

  it('reads a file, and reports all its problems before any request', async () => {
    const [a, b] = [`${prefix}-csv-a`, `${prefix}-csv-b`]
    await createNodes([a, b])
    const file = join(ground.folder, 'racks.csv')
    await writeFile(file, `node,region,zone,subzone\n${a},r,z,s1\n${b},r,z,s2\n`)
    expect((await label('--from', file, '--yes')).code).toBe(0)
    expect(await labelsOf(b)).toMatchObject({'topology.istio.io/subzone': 's2'})
    ground.reset()
    await writeFile(file, `node,region\n${a},\nx y,r\nmissing,r\n`)
    const wrong = await label('--from', file, '--yes')
    expect({code: wrong.code, lines: wrong.stderr.match(/^error:/gm)?.length}).toEqual({code: 2, lines: 2})
    await writeFile(file, 'node,region\nmissing-node,r\n')
    const missing = await label('--from', file, '--yes')
    expect({code: missing.code, stderr: missing.stderr}).toEqual({
      code: 3,
      stderr: expect.stringContaining('no such node: missing-node'),
    })
    expect(one.proxy.requests.filter(isWrite).slice(-1)[0]?.url).not.toContain('missing')
  })

  it('refuses patterns with different localities, and a pattern that matches no node', async () => {
    await createNodes([`${prefix}-two`])
    const both = await label('--pattern', `${prefix}-t*=a`, '--pattern', `${prefix}-*o=b`, '--yes')
    expect({code: both.code, stderr: both.stderr}).toEqual({
      code: 3,
      stderr: expect.stringContaining('match, with different localities'),
    })
    const none = await label('--pattern', `${prefix}-nothing*=a`, '--yes')
    expect({code: none.code, stderr: none.stderr}).toEqual({
      code: 3,
      stderr: expect.stringContaining('no node name matches'),
    })
    expect(ground.writes()).toEqual([])
  })

  it('unlabel restores the nodes object by object, and leaves a label that was changed afterwards', async () => {
    const [bare, old, changed] = ['bare', 'old', 'changed'].map(part => `${prefix}-undo-${part}`) as [
      string,
      string,
      string,
    ]
    await createNodes([bare, changed])
    await createNodes([old], {[region]: 'r0', 'failure-domain.beta.kubernetes.io/zone': 'z0', other: 'x'})
    const read = async (name: string) => {
      const {metadata, ...rest} = (await one.api.get(`/api/v1/nodes/${name}`))!
      const {resourceVersion: _, managedFields: _fields, ...meta} = metadata as unknown as Record<string, unknown>
      return {...rest, meta}
    }
    const before = {bare: await read(bare), old: await read(old)}
    const all = [bare, old, changed]
    expect((await label(...all, '--region', 'r1', '--overwrite', '--yes')).code).toBe(0)
    expect((await label(...all, '--region', 'r2', '--zone', 'z2', '--overwrite', '--yes')).code).toBe(0)
    expect(await labelsOf(old)).toMatchObject({[region]: 'r2', [zone]: 'z2'})
    await one.api.apply({apiVersion: 'v1', kind: 'Node', metadata: {name: changed, labels: {[region]: 'theirs'}}})
    const undone = await ground.mesh(['locality', 'unlabel', ...all, '--yes'])
    expect({code: undone.code, stderr: undone.stderr}).toEqual({
      code: 0,
      stderr: expect.stringContaining(
        `label ${region} of node ${changed} is theirs; kubectl-mesh had set r2. It stays`,
      ),
    })
    expect({bare: await read(bare), old: await read(old)}).toEqual(before)
    expect(await labelsOf(changed)).toEqual({[region]: 'theirs'})
    ground.reset()
    const again = await ground.mesh(['locality', 'unlabel', ...all, '--yes'])
    expect({code: again.code, writes: ground.writes()}).toEqual({code: 0, writes: []})
    expect(again.stderr).toContain('nothing to remove')
    expect((await ground.mesh(['locality', 'unlabel', 'no-such-node', '--yes'])).code).toBe(3)
  })

  it('--dry-run=client prints manifests for kubectl, without requests', async () => {
    const {code, stdout} = await label('w-1', '--region', 'r', '--zone', 'z', '--dry-run=client')
    expect(code).toBe(0)
    expect(stdout).toContain(`labels:\n    ${region}: r\n    ${zone}: z\n`)
    expect(one.proxy.requests.filter(({url}) => url.includes('w-1'))).toEqual([])
    expect((await label('--all', '--dry-run=client')).code).toBe(2)
  })
})

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items]
  await Promise.all(
    Array.from({length: 16}, async () => {
      for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item)
    }),
  )
}
