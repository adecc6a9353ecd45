import {describe, expect, test} from 'vitest'
import {targetOf} from '../../../src/engine/kubernetes/change.ts'
import {buildServiceImports} from '../../../src/mesh/services/objects-cluster.ts'
import {exporter, hello, place} from './samples-imports.ts'

describe('buildServiceImports', () => {
  const east = hello({east: exporter('east')}, {addresses: ['240.241.0.1']})
  const other = {...east, name: 'other', addresses: ['240.241.0.2']}
  const record = {addresses: [], dns: 'coredns', dnsForward: [], ownsDnsCapture: false} as const
  const textsOf = (changes: readonly ReturnType<typeof buildServiceImports>[number][]) =>
    changes.map(change => `${change.action} ${targetOf(change).kind} ${targetOf(change).name}`)

  test('removes the parent of the ApplySet with the last import', () => {
    const changes = buildServiceImports(place, {before: [east], after: [], hasParent: true, record: undefined})
    expect(textsOf(changes)).toEqual([
      'remove ServiceEntry hello.sample.global',
      'remove DestinationRule hello.sample.global',
      'remove ConfigMap kubectl-mesh-services',
    ])
    expect(buildServiceImports(place, {before: [], after: [], hasParent: false, record})).toEqual([])
  })

  test('updates the DNS server of the cluster with the remaining names', () => {
    const changes = buildServiceImports(place, {before: [east, other], after: [other], hasParent: true, record})
    const edit = changes.find(change => change.action === 'edit')!
    expect(edit.target).toMatchObject({kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns'})
    const [field] = edit.edits
    const text = field?.at === 'text' ? field.edit('.:53 {\n    errors\n}\n') : ''
    expect(text).toContain('240.241.0.2')
    expect(text).not.toContain('240.241.0.1')
  })

  test('edits no DNS server if Istio resolves the names', () => {
    const changes = buildServiceImports(place, {
      before: [],
      after: [east],
      hasParent: false,
      record: {...record, dns: 'istio'},
    })
    expect(changes.filter(({action}) => action === 'edit')).toEqual([])
  })
})
