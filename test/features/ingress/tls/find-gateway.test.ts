import {expect, test} from 'vitest'
import {findGateway} from '../../../../src/features/ingress/tls/find-gateway.ts'
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
