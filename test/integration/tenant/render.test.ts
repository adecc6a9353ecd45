import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, it} from 'vitest'
import {sharedServers} from '../../support/servers/shared.ts'
import {makeNamespaces, openTenantGround, type TenantGround} from './support.ts'

interface Item {
  apiVersion: string
  kind: string
  metadata: {name: string; namespace?: string; labels?: Record<string, string>}
}

const tools = inject('renderTools')

describe.skipIf(!sharedServers() || !tools)('a control plane by a real istioctl, Helm, or the Sail operator', () => {
  let ground: TenantGround
  const chart = join(tools?.charts ?? '', 'istio-control/istio-discovery')
  const env = () => ({PATH: `${tools!.helm}:${ground.bin}:${process.env.PATH}`, HOME: ground.folder})
  const viaHelm = ['--via', 'helm', '--chart', chart]
  const namesOf = (items: readonly Item[]) =>
    items.map(({kind, metadata}) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`).sort()

  beforeAll(async () => {
    ground = await openTenantGround()
    await makeNamespaces(ground.api, 't1')
    mkdirSync(ground.folder, {recursive: true})
  })
  afterAll(() => ground?.close())

  async function rendered(args: readonly string[]): Promise<Item[]> {
    const {code, stdout, stderr} = await ground.tenant(['add', 't1', '--dry-run=client', '-o', 'json', ...args], {
      env: env(),
    })
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    return JSON.parse(stdout).items
  }

  it('istioctl and Helm render the same objects; only istioctl also renders definitions and the reader account', async () => {
    const [one, other] = [await rendered([]), await rendered(viaHelm)]
    const extra = one.filter(
      ({kind, metadata}) => kind === 'CustomResourceDefinition' || metadata.name === 'istio-reader-service-account',
    )
    expect(extra).toHaveLength(16)
    expect(namesOf(other)).toEqual(namesOf(one.filter(item => !extra.includes(item))))
  })

  it('both apply values: profile, --set and --values', async () => {
    const file = join(ground.folder, 'values.yaml')
    writeFileSync(file, 'pilot: {env: {FROM_FILE: "yes"}}\nmeshConfig: {accessLogFile: /dev/stdout}\n')
    for (const via of [[], viaHelm]) {
      const text = JSON.stringify(
        await rendered([...via, '--values', file, '--set', 'values.pilot.autoscaleMin=3', '--profile', 'demo']),
      )
      expect(text).toContain('"name":"FROM_FILE","value":"yes"')
      expect(text).toContain('accessLogFile: /dev/stdout')
      expect(text).toContain('usergroup: t1')
    }
  })

  it('--default creates the tag, and with istioctl also the validator', async () => {
    const names = async (args: string[]) =>
      namesOf(await rendered([...args, '--default'])).filter(name => /default/.test(name) && !/PeerAuth/.test(name))
    const tag = [
      'MutatingWebhookConfiguration /istio-revision-tag-default-t1',
      'Service t1/istiod-revision-tag-default',
    ]
    expect(await names(viaHelm)).toEqual(tag)
    expect(await names([])).toEqual([...tag, 'ValidatingWebhookConfiguration /istiod-default-validator'])
  })

  it('every object of the control plane has the labels that istioctl uninstall selects by', async () => {
    for (const item of await rendered(viaHelm)) {
      if (/Namespace|PeerAuth/.test(item.kind) || item.metadata.name.startsWith('kubectl-mesh-tenant')) continue
      expect(item.metadata.labels).toMatchObject({
        'istio.io/rev': 't1',
        'operator.istio.io/component': 'Pilot',
        'install.operator.istio.io/owning-resource-namespace': 'istio-system',
      })
    }
  })

  it('profiles with cluster-wide parts: istio-cni and ztunnel belong to no tenant', async () => {
    const items = await rendered(['--profile', 'ambient'])
    const members = items.filter(({metadata}) => metadata.labels?.['applyset.kubernetes.io/part-of'] !== undefined)
    expect(namesOf(members).filter(name => /cni|ztunnel/.test(name) && !/ t1\//.test(name))).toEqual([])
    expect(namesOf(items)).toContain('ClusterRole /istio-cni')
  })

  it('Helm: applied, unchanged, and completely removed', async () => {
    const before = await ground.snapshot()
    const added = await ground.tenant(['add', 't1', ...viaHelm, '--no-wait', '--yes'], {env: env()})
    expect(added).toMatchObject({code: 0})
    const plan = await ground.tenant(['add', 't1', ...viaHelm, '--dry-run=server', '--exit-code'], {env: env()})
    expect(plan).toMatchObject({code: 0})
    const again = await ground.tenant(['add', 't1', '--chart', chart, '--no-wait', '--yes'], {env: env()})
    expect(again).toMatchObject({code: 0})
    expect(again.stdout).not.toContain('applied')
    const other = await ground.tenant(['add', 't1', '--via', 'istioctl', '--reset', 'chart', '--yes'], {env: env()})
    expect(other).toMatchObject({code: 3, stdout: ''})
    expect(other.stderr).toContain('t1 was created with --via helm')
    expect(await ground.tenant(['remove', 't1', '--yes'], {env: env()})).toMatchObject({code: 0})
    expect(await ground.snapshot()).toEqual(before)
  })

  it('a missing chart, and values that the chart rejects: nothing is written', async () => {
    const before = await ground.snapshot()
    for (const [args, message] of [
      [['--chart', '/nowhere'], /helm rejects this control plane[\s\S]*--chart \/nowhere is not an istiod chart/],
      [['--chart', chart, '--set', 'components.cni.enabled=true'], /components, which only istioctl supports/],
      [['--chart', chart, '--profile', 'nope'], /helm rejects this control plane: .*nope/],
    ] as const) {
      const result = await ground.tenant(['add', 't1', '--via', 'helm', ...args, '--yes'], {env: env()})
      expect(result.stderr).toMatch(message)
      expect([2, 3]).toContain(result.code)
      expect(result.stdout).toBe('')
    }
    expect(await ground.snapshot()).toEqual(before)
  })

  it('without definitions in the cluster, tools that do not create them are refused', async () => {
    const bare = await openTenantGround({crds: false})
    try {
      for (const args of [viaHelm, ['--via', 'none']]) {
        const result = await bare.tenant(['add', 't1', ...args, '--yes'], {env: env()})
        expect(result).toMatchObject({code: 3, stdout: ''})
        expect(result.stderr).toContain("lacks Istio's CustomResourceDefinitions")
      }
      // istioctl renders them, and add waits until they are served.
      expect(await bare.tenant(['add', 't1', '--no-wait', '--yes'])).toMatchObject({code: 0})
      const {stdout} = await bare.tenant(['add', 't2', '--dry-run=server'])
      expect(stdout).not.toContain('CustomResourceDefinition')
    } finally {
      await bare.close()
    }
  })
})
