import {describe, expect, test} from 'vitest'
import {
  importsCurrent,
  importsKnown,
  namesCurrent,
  rulesUsed,
} from '../../../../src/features/federate/verify/checks-imports.ts'
import type {ObservedCluster} from '../../../../src/features/federate/verify/read.ts'
import type {VerifySubject} from '../../../../src/features/federate/verify/subject.ts'
import {buildDnsStub} from '../../../../src/mesh/dns/objects-stub.ts'
import {gatewaysRecordData} from '../../../../src/mesh/record.ts'
import {exportersAnnotation} from '../../../../src/mesh/services/objects.ts'
import {gatewayService} from '../../../mesh/samples.ts'
import {subjectOf} from './samples.ts'
import {balanced, entryOf, exporting, host, importing} from './samples-imports.ts'

/** West in gateways mode. */
function westOf(all: readonly ObservedCluster[], differs: Partial<VerifySubject> = {}): VerifySubject {
  return subjectOf(all, {current: all[1]!, gateways: true, ...differs})
}

const entry = entryOf(exporting())

test('current imports: both checks apply and find nothing', () => {
  const west = westOf(importing([entry], exporting()))
  for (const check of [importsCurrent, importsKnown]) {
    expect(check.applies(west)).toBe(true)
    expect(check.run(west)).toEqual([])
  }
})

describe('the checks do not apply', () => {
  test('without imports', () => {
    const west = westOf(importing([], exporting()))
    expect([importsCurrent, importsKnown].map(({applies}) => applies(west))).toEqual([false, false])
  })

  test('in other modes', () => {
    const west = westOf(importing([entry], exporting()), {gateways: false})
    expect([importsCurrent, importsKnown].map(({applies}) => applies(west))).toEqual([false, false])
  })

  test.each(['{', '{}', '{"east": 5}', '{"east": {"addresses": ["203.0.113.11"]}}'])(
    'imports-known: an annotation %s that cannot be parsed',
    text => {
      const broken = {...entry, metadata: {...entry.metadata, annotations: {[exportersAnnotation]: text}}}
      const west = westOf(importing([broken], exporting()))
      expect([importsCurrent, importsKnown].map(({applies}) => applies(west))).toEqual([true, false])
    },
  )

  test('imports-known: a gateway with a host name, which proxies resolve', () => {
    const named = gatewayService('net-east', {status: {loadBalancer: {ingress: [{hostname: 'gw.example.org'}]}}})
    const east = exporting({networkGateways: [named]})
    expect(importsKnown.applies(westOf(importing([entryOf(east)], east)))).toBe(false)
  })
})

test('imports-current: an import that differs from the export', () => {
  const east = exporting({networkGateways: [balanced('203.0.113.12')]})
  expect(importsCurrent.run(westOf(importing([entry], east), {controlPlaneFlags: ['--revision', 'r1']}))).toEqual([
    {
      cluster: 'west',
      message: `${host} points to 203.0.113.11; the gateway of east is at 203.0.113.12`,
      hints: ['kubectl mesh service export hello -n sample --contexts east --to west --revision r1'],
    },
  ])
})

test('imports-known: an istiod pod without the endpoints', () => {
  const state = {clusters: [], gateways: [], endpoints: new Map()}
  const istiods = [
    {...state, pod: 'a', external: new Set([host])},
    {...state, pod: 'b', external: new Set<string>()},
  ]
  expect(importsKnown.run(westOf(importing([entry], exporting(), {istiods})))).toEqual([
    {
      cluster: 'west',
      message: `b has no endpoints for ${host}`,
      hints: [`kubectl --context west -n istio-system logs b | grep ${host}`],
    },
  ])
})

test('client-rules: a DestinationRule that replaces that of an import', () => {
  const rule = {...entry, kind: 'DestinationRule', metadata: {name: 'client', namespace: 'sample'}, spec: {host}}
  const west = westOf(importing([entry], exporting(), {rules: [rule]}))
  expect(rulesUsed.applies(west)).toBe(true)
  expect(rulesUsed.run(west)).toMatchObject([
    {cluster: 'west', message: expect.stringMatching(/^DestinationRule sample\/client replaces the rule of hello/)},
  ])
  expect(rulesUsed.run(westOf(importing([entry], exporting())))).toEqual([])
})

describe('dns-names', () => {
  const corefile = '.:53 {\n    errors\n}\n'
  const addressed = {...entry, spec: {...(entry.spec as object), addresses: ['240.241.0.1']}}
  const names = new Map([[host, ['240.241.0.1']]])
  const stub = {cluster: 'west', dns: 'coredns', names, forward: [], forwardBefore: []} as const
  const edit = buildDnsStub(stub)
  const [field] = edit.action === 'edit' ? edit.edits : []
  const current = field?.at === 'text' ? field.edit(corefile)! : ''

  const found = (imported: typeof entry, text: string, dns: 'coredns' | 'istio' = 'coredns') => {
    const [east, west] = importing([imported], exporting())
    const data = gatewaysRecordData({addresses: [], dns, dnsForward: [], ownsDnsCapture: false})
    const record = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data}
    const map = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'coredns'}, data: {Corefile: text}}
    const facts = {...west!.member.facts!, record, dns: {read: [], objects: [map]}}
    const subject = westOf([east!, {...west!, member: {...west!.member, facts}}])
    return namesCurrent.applies(subject) ? namesCurrent.run(subject).map(({message}) => message) : 'does not apply'
  }

  test.each<[string, unknown, string[] | string]>([
    ['the names', found(addressed, current), []],
    [
      'another configuration',
      found(addressed, corefile),
      ['the configuration of coredns does not have the current names'],
    ],
    [
      'an import without an address',
      found(entry, current),
      [`coredns cannot resolve ${host}: no address is allocated`],
    ],
    ['a broken Corefile', found(addressed, '{'), [expect.stringContaining('CoreDNS rejects the Corefile') as never]],
    ['sidecars that resolve the names', found(entry, corefile, 'istio'), 'does not apply'],
  ])('%s', (_, actual, expected) => {
    expect(actual).toEqual(expected)
  })
})
