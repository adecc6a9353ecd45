import {join} from 'node:path'
import {expect, test} from 'vitest'
import {isOfSet} from '../../src/engine/kubernetes/document-set.ts'
import {meshKinds} from '../../src/kinds/kinds.ts'
import type {Raw} from '../../src/spec/field.ts'
import {readSpec} from '../../src/spec/read.ts'
import {changesOf, liveCluster} from '../support/round-trip.ts'

const inputs: readonly (readonly [kind: string, raw: Record<string, Raw>])[] = [
  ['Addons', {names: ['prometheus'], from: join(import.meta.dirname, '../fixtures/addons')}],
  ['ControlPlane', {via: 'sail'}],
  ['ControlPlane', {via: 'sail', systemNamespace: 'mesh', revision: '1-31'}],
  ['ExternalAuthorizer', {name: 'opa', service: 'opa.opa:9191', to: 'gateway/edge', namespace: 'edge'}],
  ['Federation', {contexts: ['east', 'west'], systemNamespace: 'mesh'}],
  ['IngressGateway', {name: 'edge', namespace: 'edge'}],
  ['IngressTls', {host: 'shop.example.com', secret: 'shop', namespace: 'edge'}],
  ['Tenant', {name: 'shop', via: 'none', systemNamespace: 'shop-system'}],
  [
    'VirtualMachine',
    {name: 'web', namespace: 'vms', serviceAccount: 'web', ports: ['http:8080'], gatewayAddress: '192.0.2.1'},
  ],
]

/** Returns a kind, the clusters after its command, and the parts of the document in the files. */
async function applied(name: string, raw: Record<string, Raw>) {
  const kind = await meshKinds[name]!()
  const changes = await changesOf(kind, raw)
  const clusters = [...changes].map(([context, all]) => liveCluster(context, all))
  return {kind, clusters, parts: kind.removal!.partsOf(readSpec(kind.fields, raw), 'east')}
}

test.each(inputs)('%s: the clusters have the same parts as the files (%j)', async (name, raw) => {
  const {kind, clusters, parts} = await applied(name, raw)
  const found = (await kind.exported(clusters)).flatMap(one => kind.removal!.partsOf(one.raw, one.context ?? ''))
  expect(found.length).toBeGreaterThan(0)
  expect(new Set(found)).toEqual(new Set(parts))
})

test('each kind has a removal, except those whose documents have no separate record', async () => {
  const kinds = await Promise.all(Object.values(meshKinds).map(load => load()))
  const without = kinds.filter(({removal}) => !removal).map(({kind}) => kind)
  expect(without).toEqual(['LocalityBalance', 'MeshSet', 'NodeLocalities', 'ServiceExport'])
  expect([...without, ...new Set(inputs.map(([kind]) => kind))].sort()).toEqual(Object.keys(meshKinds).sort())
})

test('records of other commands do not name a set', async () => {
  const {clusters} = await applied('Tenant', {name: 'shop', via: 'none'})
  expect(clusters.flatMap(({records}) => records).some(record => isOfSet(record, 'prod'))).toBe(false)
})
