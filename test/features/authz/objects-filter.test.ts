import fc from 'fast-check'
import {expect, test} from 'vitest'
import {readExtAuthz} from '../../../src/features/authz/istio.ts'
import type {ResolvedTarget} from '../../../src/features/authz/istio-target.ts'
import {buildProvider} from '../../../src/features/authz/objects.ts'
import {buildAuthzFilter, readFilter} from '../../../src/features/authz/objects-filter.ts'
import {expectGolden, textOfChanges} from '../../support/golden.ts'
import {object} from '../federate/samples-mesh.ts'
import {attach, type RawAttach} from './samples.ts'

const extAuthz = (raw: RawAttach) =>
  attach({service: 'ext-authz.authz.svc:9000', to: 'gateway/istio-ingressgateway', namespace: 'istio-system', ...raw})
const host = 'ext-authz.authz.svc.cluster.local'
const gateway: ResolvedTarget = {namespace: 'istio-system', labels: {istio: 'ingressgateway'}, isGateway: true}

test.each<[string, RawAttach, ResolvedTarget]>([
  ['filter-grpc', {}, gateway],
  [
    'filter-http',
    {type: 'http', headersToCheck: ['x-*', '*-id', 'cookie'], includeBody: '1', fail: 'open'},
    {namespace: 'shop', labels: {app: 'web'}, isGateway: false},
  ],
])('golden: %s', async (name, raw, target) => {
  await expectGolden(
    `authz/${name}.yaml`,
    textOfChanges([buildAuthzFilter({cluster: 'east', spec: extAuthz(raw), host, target, isTenant: false})]),
  )
})

test('a filter and a provider are read as they were requested', () => {
  const types = fc.constantFrom('grpc', 'http')
  fc.assert(
    fc.property(
      types,
      fc.constantFrom('open', 'closed'),
      fc.integer({min: 1, max: 600_000}),
      fc.integer({min: 1, max: 65535}),
      (type, fail, timeout, port) => {
        const spec = extAuthz({type, fail, timeout: `${timeout}ms`, service: `a.b.svc:${port}`})
        const wanted = {
          name: 'ext',
          type,
          service: host,
          port,
          failOpen: fail === 'open',
          timeout: `${timeout / 1000}s`,
        }
        expect(readExtAuthz([buildProvider(spec, host)])).toEqual([wanted])
        expect(
          readFilter(buildAuthzFilter({cluster: 'east', spec, host, target: gateway, isTenant: false}).object),
        ).toEqual(wanted)
      },
    ),
  )
})

test('an EnvoyFilter of another form has no service', () => {
  expect(readFilter(object('EnvoyFilter', 'shop/x', {spec: {}}))).toEqual({
    name: 'x',
    type: 'grpc',
    service: '',
    port: 0,
    failOpen: false,
    timeout: undefined,
  })
})
