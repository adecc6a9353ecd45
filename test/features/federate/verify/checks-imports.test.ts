import {describe, expect, test} from 'vitest'
import {importsCurrent, importsKnown} from '../../../../src/features/federate/verify/checks-imports.ts'
import type {ObservedCluster} from '../../../../src/features/federate/verify/read.ts'
import type {VerifySubject} from '../../../../src/features/federate/verify/subject.ts'
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
