import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {asMember} from '../../../src/engine/kubernetes/applyset.ts'
import {type KubernetesObject, nameOf, refOf} from '../../../src/engine/kubernetes/object.ts'
import {isKnownUnchanged, isManagedBy} from '../../../src/engine/plan/managed.ts'
import {buildFederation} from '../../../src/features/federate/objects.ts'
import {buildCaSecret} from '../../../src/mesh/ca/objects.ts'
import {frame, members} from '../../engine/kubernetes/samples.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const manager = 'kubectl-mesh'
const systemNamespace = 'plan-managed'

/** Returns all objects that a federation applies, and some kinds with other types of lists. */
function samples(): KubernetesObject[] {
  const changes = buildFederation({...frame, systemNamespace}, members('east', 'west'))
  const ca = buildCaSecret({caCert: 'a', caKey: 'b', rootCert: 'c', certChain: 'd'}, 'east', systemNamespace)
  const ours = [ca, ...changes].flatMap(change =>
    change.cluster === 'east' && change.action === 'apply' ? [asMember(change.object, 'applyset-test-v1')] : [],
  )
  const metadata = (name: string) => ({name, namespace: systemNamespace, labels: {app: 'x'}})
  return [
    ...ours,
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: metadata('entry'),
      spec: {
        hosts: ['web.shop.global'],
        location: 'MESH_INTERNAL',
        resolution: 'STATIC',
        ports: [
          {number: 80, name: 'http', protocol: 'HTTP'},
          {number: 443, name: 'tls', protocol: 'TLS'},
        ],
        endpoints: [{address: '203.0.113.12', ports: {http: 15443}, labels: {a: 'b'}}],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {...metadata('account'), annotations: {a: 'b'}},
      secrets: [{name: 'one'}, {name: 'two'}],
      imagePullSecrets: [{name: 'one'}],
      automountServiceAccountToken: false,
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: Object.assign(metadata('map'), {finalizers: ['example.com/a', 'example.com/b']}),
      data: {constructor: 'a', 'a.b': 'multi\nline\n', empty: ''},
    },
  ]
}

/** Returns all variants of a value in which one field is missing or changed, or in which a list lacks an item or is reversed. */
function variantsOf(value: unknown, path: string[] = []): {path: string; make: () => unknown}[] {
  if (Array.isArray(value)) {
    const within = value.flatMap((item, at) =>
      variantsOf(item, [...path, String(at)]).map(({path: name, make}) => ({
        path: name,
        make: () => value.with(at, make()),
      })),
    )
    const without = value.map((_, at) => ({
      path: [...path, `without ${at}`].join('.'),
      make: () => value.toSpliced(at, 1),
    }))
    const reversed = value.length > 1 ? [{path: [...path, 'reversed'].join('.'), make: () => value.toReversed()}] : []
    return [...within, ...without, ...reversed]
  }
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => {
      if (path.length === 0 && ['apiVersion', 'kind'].includes(key)) return []
      if (path.join() === 'metadata' && ['name', 'namespace'].includes(key)) return []
      const {[key]: _, ...rest} = value as Record<string, unknown>
      const within = variantsOf(inner, [...path, key]).map(({path: name, make}) => ({
        path: name,
        make: () => ({...value, [key]: make()}),
      }))
      if (path.length === 0 && key === 'metadata') return within
      return [...within, {path: [...path, `without ${key}`].join('.'), make: () => rest}]
    })
  const other = typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : changedText(String(value))
  return [{path: path.join('.'), make: () => other}]
}

/** Returns another text that is valid for the same fields: base64, names, quantities. */
function changedText(text: string): string {
  if (/^\d+$/.test(text)) return String(Number(text) + 1)
  return text === '' ? 'x' : `${text.startsWith('a') ? 'b' : 'a'}${text.slice(1)}`
}

let ours: Cluster
let other: Cluster

beforeAll(async () => {
  if (!servers) return
  const kubeconfig = loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}})
  ours = await connectCluster(kubeconfig, 'east', {fieldManager: manager})
  other = await connectCluster(kubeconfig, 'east', {fieldManager: 'someone-else'})
  await ours.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: systemNamespace}})
})
afterAll(async () => {
  if (!servers) return
  for (const object of samples()) {
    await ours.patch(refOf(object), {metadata: {finalizers: null}}).catch(() => undefined)
    await ours.delete(refOf(object))
  }
  ours?.close()
  other?.close()
})

describe.skipIf(!servers)('isKnownUnchanged with a real API server', () => {
  describe.each(samples().map(object => [nameOf(refOf(object)), object] as const))('%s', (_, object) => {
    const applied = async () => {
      await ours.apply(object, {force: true})
      return (await ours.get(refOf(object)))!
    }

    test('is true after an apply', async () => {
      const live = await applied()
      expect(isManagedBy(live, manager)).toBe(true)
      expect(isKnownUnchanged(object, live, manager)).toBe(true)
    })

    test('is false for any field that is removed or changed, and for any reordered list', async () => {
      const live = await applied()
      const variants = variantsOf(object)
      expect(variants.length).toBeGreaterThan(5)
      const unnoticed = variants.filter(({make}) => isKnownUnchanged(make() as KubernetesObject, live, manager))
      expect(unnoticed.map(({path}) => path)).toEqual([])
    })

    test('is false after a change by another manager', async () => {
      const live = await applied()
      for (const patch of [
        {metadata: {labels: {app: 'theirs'}}},
        {metadata: {labels: {'app.kubernetes.io/managed-by': 'theirs'}}},
      ]) {
        const [key] = Object.keys(patch.metadata.labels) as [string]
        if (object.metadata.labels?.[key] === undefined) continue
        const changed = await other.patch(refOf(object), patch)
        expect(isKnownUnchanged(object, changed, manager)).toBe(false)
      }
      // Another label of another manager does not matter.
      const beside = await other.patch(refOf(object), {
        metadata: {labels: {theirs: 'x', app: live.metadata.labels?.app ?? null}},
      })
      await ours.apply(object, {force: true})
      expect(beside.metadata.labels?.theirs).toBe('x')
      expect(isKnownUnchanged(object, (await ours.get(refOf(object)))!, manager)).toBe(true)
    })
  })
})

describe.skipIf(!servers)('isKnownUnchanged of lists and versions, with a real API server', () => {
  test('is false for a keyed list that another manager reordered, since an apply would restore the order', async () => {
    const service = samples().find(({kind}) => kind === 'Service')!
    await ours.apply(service, {force: true})
    const live = (await ours.get(refOf(service)))!
    const {ports} = live.spec as {ports: object[]}
    const reversed = await other.patch(refOf(service), {spec: {ports: ports.toReversed()}})
    const merged = await ours.apply(service, {dryRun: true, force: true})
    const wouldChange = JSON.stringify(merged.spec) !== JSON.stringify(reversed.spec)
    const known = isKnownUnchanged(service, reversed, manager)
    expect({wouldChange, known}).toEqual({wouldChange: true, known: false})
  })

  test('is true with an item of another manager between ours', async () => {
    const service = samples().find(({kind}) => kind === 'Service')!
    await ours.apply(service, {force: true})
    const live = (await ours.get(refOf(service)))!
    const {ports} = live.spec as {ports: object[]}
    const theirs = {name: 'theirs', port: 9999, protocol: 'TCP', targetPort: 9999}
    const mixed = await other.patch(refOf(service), {spec: {ports: ports.toSpliced(1, 0, theirs)}})
    const merged = await ours.apply(service, {dryRun: true, force: true})
    expect(merged.spec).toEqual(mixed.spec)
    expect(isKnownUnchanged(service, mixed, manager)).toBe(true)
  })

  test('is false for fields that were applied in another version', async () => {
    const gateway = samples().find(({kind}) => kind === 'Gateway')!
    await ours.apply({...gateway, apiVersion: 'networking.istio.io/v1beta1'}, {force: true})
    const live = (await ours.get(refOf(gateway)))!
    expect(isKnownUnchanged(gateway, live, manager)).toBe(false)
    await ours.apply(gateway, {force: true})
    expect(isKnownUnchanged(gateway, (await ours.get(refOf(gateway)))!, manager)).toBe(true)
  })
})
