import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

/** Mesh configs with a value of another type than Istio expects. */
const texts = {
  'proxyMetadata with a list': 'defaultConfig: {meshId: mesh1, proxyMetadata: {X: ["$(id)"]}}',
  'proxyMetadata with a map and null': 'defaultConfig: {meshId: mesh1, proxyMetadata: {X: null, Y: {a: b}}}',
  'a text in place of a list': 'discoverySelectors: x\nextensionProviders: y',
  'a list in place of a map': 'defaultConfig: [a, b]',
  'a text in place of a map': 'defaultConfig: text',
  'a map in place of a text': 'trustDomain: {toString: x}\nrootNamespace: [a]',
  'no map at all': '- a',
  'no YAML': '{',
}

describe.skipIf(!servers)('a mesh config that Istio would reject', () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(servers!)
  })
  afterAll(() => ground?.close())

  it.each(Object.entries(texts))('%s: no command ends in an unexpected error', async (_, mesh) => {
    const {api} = ground.cluster('west')
    const path = `/api/v1/namespaces/${ground.namespace}/configmaps/istio`
    const map = (await api.get<AnyObject & {data: Record<string, string>}>(path))!
    await api.replace({...map, data: {...map.data, mesh}} as AnyObject, 'test')
    const west = ['--context', 'west', '--system-namespace', ground.namespace]
    const vm = ['-n', ground.namespace, '--service-account', 'v', '--gateway-address', '127.0.0.1']
    const results = await Promise.all([
      ground.federate(['--dry-run=server']),
      ground.mesh(['vm', 'register', 'v', ...west, ...vm, '--dry-run=server']),
      ground.mesh(['authz', 'list', ...west]),
    ])
    for (const {code, stdout, stderr} of results) {
      expect([0, 2, 3, 5], stdout + stderr).toContain(code)
      expect(stdout + stderr).not.toContain('unexpected: ')
    }
  })
})
