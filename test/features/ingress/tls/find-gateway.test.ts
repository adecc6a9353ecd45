import {describe, expect, test} from 'vitest'
import {findGateway, refuseUnknownGateway} from '../../../../src/features/ingress/tls/find-gateway.ts'
import {workload} from './samples.ts'

const other = {...workload, namespace: 'edge2'}
const gateway = 'istio-ingressgateway'

test('returns the only gateway of the name, or the one in the namespace', () => {
  expect(findGateway({gateway, namespace: undefined}, [workload], 'east')).toBe(workload)
  expect(findGateway({gateway, namespace: 'edge2'}, [workload, other], 'east')).toBe(other)
})

test.each([
  [
    {gateway, namespace: undefined},
    [workload, other],
    /^east: found 2 gateways named istio-ingressgateway: Deployment/,
  ],
  [{gateway: 'x', namespace: 'edge'}, [workload], /^east: no gateway named x in namespace edge$/],
])('rejects %j', (spec, workloads, message) => {
  expect(() => findGateway(spec, workloads, 'east')).toThrow(message)
})

describe('a gateway in a namespace that was not specified', () => {
  const where = {namespace: undefined, systemNamespace: 'istio-system'}
  const deployment = {apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: gateway, namespace: 'edge'}}

  test('is refused: its administrators would receive the private key', () => {
    expect(() => refuseUnknownGateway(where, workload, [], 'east')).toThrow(
      expect.objectContaining({
        exit: 3,
        problems: [expect.objectContaining({hints: [expect.stringContaining('-n edge')]})],
      }),
    )
    const service = {...deployment, apiVersion: 'v1', kind: 'Service'}
    expect(() => refuseUnknownGateway(where, workload, [service], 'east')).toThrow(
      /^east: the gateway .* namespace edge/,
    )
  })

  test('is accepted if ingress deploy recorded it, in the system namespace, and if the namespace is specified', () => {
    refuseUnknownGateway(where, workload, [deployment], 'east')
    refuseUnknownGateway({...where, systemNamespace: 'edge'}, workload, [], 'east')
    refuseUnknownGateway({...where, namespace: 'edge'}, workload, [], 'east')
  })
})
