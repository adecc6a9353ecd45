import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {ingressDeployFields, validateIngressDeploy} from '../../../src/features/ingress/spec-deploy.ts'
import {flagsFor, readSpec} from '../../../src/spec/read.ts'
import type {RawDeploy} from './samples.ts'

test('host ports are parsed, and formatted as flags', () => {
  const port = fc.integer({min: 1, max: 65_535})
  fc.assert(
    fc.property(port, port, (hostPort, container) => {
      const spec = readSpec(ingressDeployFields, {hostPorts: [`${hostPort}:${container}`]})
      expect(spec.hostPorts).toEqual([{host: hostPort, container}])
      expect(flagsFor(ingressDeployFields, spec)).toContain(`${hostPort}:${container}`)
    }),
  )
})

describe('deploy rejects', () => {
  test.each<[RawDeploy, RegExp]>([
    [{hostPorts: ['80']}, /80 is not HOST:CONTAINER/],
    [{hostPorts: [{toString: 'x'}]}, /--host-port must be one text, got \{"toString":"x"\}/],
    [{hostPorts: ['0:80']}, /0 is not a port/],
    [{hostPorts: ['80:65536']}, /65536 is not a port/],
    [{hostPorts: ['80:8080', '80:8081']}, /host port 80 twice/],
    [{hostPorts: ['80:8080', '81:8080']}, /container port 8080 twice/],
    [{hostPorts: ['80:15021']}, /container port 15021 is used by the proxy/],
    [{hostPorts: ['15021:8080']}, /host port 15021 is the health check port/],
    [{name: 'UPPER'}, /NAME UPPER is not a DNS label/],
    [{name: 'istio-'}, /NAME istio- is not a DNS label/],
    [{name: 'a'.repeat(60)}, /60 characters; the maximum is 59/],
    [{nodeSelector: ['a b=c']}, /a b is not a label key/],
    [{serviceType: 'None'}, /--service-type None is not one of/],
  ])('%j', (raw, message) => {
    expect(() => readSpec(ingressDeployFields, raw, validateIngressDeploy)).toThrow(message)
  })
})

test('a node selector may have an empty value', () => {
  const {nodeSelector} = readSpec(ingressDeployFields, {nodeSelector: ['node-role.kubernetes.io/ingress=', 'a=b']})
  expect({...nodeSelector}).toEqual({'node-role.kubernetes.io/ingress': '', a: 'b'})
})
