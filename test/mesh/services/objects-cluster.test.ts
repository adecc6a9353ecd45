import {describe, expect, test} from 'vitest'
import {targetOf} from '../../../src/engine/kubernetes/change.ts'
import {noDns} from '../../../src/mesh/dns/facts.ts'
import {buildServiceImport, type ServiceImport} from '../../../src/mesh/services/objects.ts'
import {buildServiceImports, interruptedRemovals} from '../../../src/mesh/services/objects-cluster.ts'
import {exporter, hello, place} from './samples-imports.ts'

describe('buildServiceImports', () => {
  const east = hello({east: exporter('east')}, {addresses: ['240.241.0.1']})
  const other = {...east, name: 'other', addresses: ['240.241.0.2']}
  const liveOf = (...imports: ServiceImport[]) =>
    imports.flatMap(one =>
      buildServiceImport(place, one)
        .map(({object}) => object)
        .reverse(),
    )
  const record = {addresses: [], dns: 'coredns', dnsForward: [], ownsDnsCapture: false} as const
  const none = {after: [], invalid: [], members: [], hasParent: false, dns: noDns}
  const textsOf = (changes: readonly ReturnType<typeof buildServiceImports>[number][]) =>
    changes.map(change => `${change.action} ${targetOf(change).kind} ${targetOf(change).name}`)

  test('removes the parent of the ApplySet with the last import', () => {
    const changes = buildServiceImports(place, {
      ...none,
      members: liveOf(east),
      hasParent: true,
      record: undefined,
    })
    expect(textsOf(changes)).toEqual([
      'remove ServiceEntry hello.sample.global',
      'remove DestinationRule hello.sample.global',
      'remove ConfigMap kubectl-mesh-services',
    ])
    expect(buildServiceImports(place, {...none, record})).toEqual([])
  })

  test('updates the DNS server of the cluster with the remaining names', () => {
    const changes = buildServiceImports(place, {
      ...none,
      after: [other],
      members: liveOf(east, other),
      hasParent: true,
      record,
    })
    const edit = changes.find(change => change.action === 'edit')!
    expect(edit.target).toMatchObject({kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns'})
    const [field] = edit.edits
    const text = field?.at === 'text' ? field.edit('.:53 {\n    errors\n}\n') : ''
    expect(text).toContain('240.241.0.2')
    expect(text).not.toContain('240.241.0.1')
  })

  test('edits no DNS server if Istio resolves the names', () => {
    const changes = buildServiceImports(place, {
      ...none,
      after: [east],
      record: {...record, dns: 'istio'},
    })
    expect(changes.filter(({action}) => action === 'edit')).toEqual([])
  })

  test('keeps the parent and the names of invalid imports', () => {
    const entry = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: {name: 'broken.sample.global', namespace: 'istio-system'},
      spec: {hosts: ['broken.sample.global'], addresses: ['240.241.0.3']},
    }
    const members = [...liveOf(east), entry]
    const imports = {...none, invalid: [entry], members, hasParent: true, record}
    const changes = buildServiceImports(place, imports)
    expect(textsOf(changes)).toEqual([
      'remove ServiceEntry hello.sample.global',
      'remove DestinationRule hello.sample.global',
      'edit ConfigMap coredns',
    ])
    const edit = changes.find(change => change.action === 'edit')!
    const [field] = edit.edits
    expect(field?.at === 'text' && field.edit('.:53 {\n}\n')).toContain('240.241.0.3')
  })

  test('removes what is left of imports with the last one, and nothing that the record does not list', () => {
    const members = liveOf(east, other)
    const changes = buildServiceImports(place, {...none, members, hasParent: true, record: undefined})
    expect(textsOf(changes).filter(text => text.includes('other'))).toHaveLength(2)
    const unlisted = buildServiceImports(place, {...none, hasParent: true, record: undefined})
    expect(textsOf(unlisted)).toEqual(['remove ConfigMap kubectl-mesh-services'])
  })

  test('removes what an interrupted removal has left of another import', () => {
    const [rule] = liveOf(other)
    const members = [...liveOf(east), rule!]
    const changes = buildServiceImports(place, {...none, after: [east], members, hasParent: true, record: undefined})
    expect(textsOf(changes).filter(text => text.startsWith('remove'))).toEqual([
      `remove ${rule!.kind} other.sample.global`,
    ])
    expect(interruptedRemovals({imports: [east], invalid: [], members, hasParent: true})).toEqual([
      'other.sample.global',
    ])
    expect(interruptedRemovals({imports: [east], invalid: [], members: liveOf(east), hasParent: true})).toEqual([])
    expect(interruptedRemovals({...none, imports: [], hasParent: true})).toEqual([''])
    expect(interruptedRemovals({...none, imports: []})).toEqual([])
  })
})
