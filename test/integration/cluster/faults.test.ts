import {expect, it} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {configMap, describeServer, namespace} from './connections.ts'

const entryKind = {apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry'}

function serviceEntry(name: string): KubernetesObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: {namespace, name},
    spec: {
      hosts: [`${name}.sample.global`],
      location: 'MESH_INTERNAL',
      ports: [{number: 5000, name: 'http', protocol: 'HTTP'}],
      resolution: 'STATIC',
      endpoints: [{address: '203.0.113.12', ports: {http: 15443}}],
    },
  }
}

describeServer('many requests, and faults', connections => {
  it('applies 1,000 ServiceEntries over at most 16 connections and lists them in pages', async () => {
    const {proxy, through} = connections
    const before = proxy.handshakes
    const started = performance.now()
    await Promise.all(Array.from({length: 1000}, (_, i) => through.apply(serviceEntry(`se-${i}`))))
    const took = performance.now() - started
    expect(proxy.handshakes - before).toBeLessThanOrEqual(16)
    const seen = proxy.requests.length
    const entries = await through.list(entryKind, {namespace})
    expect(entries).toHaveLength(1000)
    expect(entries[0]).toMatchObject(entryKind)
    expect(proxy.requests.slice(seen).map(({method}) => method)).toEqual(['GET', 'GET'])
    expect((await through.list(entryKind, {namespace, fieldSelector: 'metadata.name=se-7'})).length).toBe(1)
    process.stderr.write(`1,000 applies through the proxy: ${Math.round(took)} ms\n`)
  })

  it('lists again without pages when the snapshot has expired', async () => {
    const {proxy, through} = connections
    let gone = true
    proxy.decide = ({url}) => {
      if (!gone || !url.includes('continue=')) return 'pass'
      gone = false
      return {
        status: 410,
        body: {kind: 'Status', reason: 'Expired', message: 'The provided continue parameter is too old'},
      }
    }
    const entries = await through.list(entryKind, {namespace})
    proxy.decide = () => 'pass'
    expect(gone).toBe(false)
    expect(new Set(entries.map(({metadata}) => metadata.name)).size).toBe(1000)
    expect(entries).toHaveLength(1000)
  })

  it('applies an object once although responses are lost, cut off or errors', async () => {
    const {proxy, through} = connections
    for (const fault of ['lose-answer', 'cut', 'reset', {status: 500}] as const) {
      let left = 2
      proxy.decide = () => (left-- > 0 ? fault : 'pass')
      const applied = await through.apply(configMap('faulty', {fault: JSON.stringify(fault)}))
      expect(applied).toMatchObject({data: {fault: JSON.stringify(fault)}})
      expect(left).toBe(-1)
    }
    proxy.decide = () => 'pass'
  })

  it('continues after all connections were broken', async () => {
    const {proxy, through} = connections
    await through.read('/version')
    proxy.breakAll()
    await expect(through.read('/version')).resolves.toHaveProperty('gitVersion')
  })
})
