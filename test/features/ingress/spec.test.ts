import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {MeshError} from '../../../src/errors.ts'
import {ingressDeployFields, ingressDeployProblems} from '../../../src/features/ingress/spec-deploy.ts'
import {certificateHost, nameOfHost} from '../../../src/features/ingress/spec-texts.ts'
import {ingressTlsFields, ingressTlsProblems} from '../../../src/features/ingress/spec-tls.ts'
import {flagsFor, type RawSpec, readSpec} from '../../../src/spec/read.ts'
import {dnsLabel} from '../../../src/spec/texts.ts'

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/)
const host = fc
  .tuple(fc.boolean(), fc.array(label, {minLength: 2, maxLength: 8}))
  .map(([isWild, labels]) => `${isWild ? '*.' : ''}${labels.join('.')}`)

test('every host has a name of its own that a Gateway and a Secret may have', () => {
  fc.assert(
    fc.property(host, host, (one, other) => {
      expect(certificateHost(one)).toBeUndefined()
      expect(dnsLabel(`${nameOfHost(one)}-tls`)).toBeUndefined()
      expect(nameOfHost(one) === nameOfHost(other)).toBe(one === other)
    }),
  )
})

test.each([
  ['a-b.c', 'a.b-c'],
  ['wildcard.example.com', '*.example.com'],
  [`${'a'.repeat(60)}.b`, `${'a'.repeat(60)}.c`],
])('%s and %s do not meet', (one, other) => {
  expect(nameOfHost(one)).not.toBe(nameOfHost(other))
})

test('what is said of host ports can be said again', () => {
  const port = fc.integer({min: 1, max: 65_535})
  fc.assert(
    fc.property(port, port, (hostPort, container) => {
      const {hostPorts} = readSpec(ingressDeployFields, {hostPorts: [`${hostPort}:${container}`]})
      expect(hostPorts).toEqual([{host: hostPort, container}])
      const spec = readSpec(ingressDeployFields, {hostPorts: [`${hostPort}:${container}`]})
      expect(flagsFor(ingressDeployFields, spec)).toContain(`${hostPort}:${container}`)
    }),
  )
})

function problemOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof MeshError) return error.message
    throw error
  }
  return ''
}

describe('deploy refuses', () => {
  test.each<[RawSpec<typeof ingressDeployFields>, RegExp]>([
    [{hostPorts: ['80']}, /80 is not HOST:CONTAINER/],
    [{hostPorts: ['0:80']}, /0 is not a port/],
    [{hostPorts: ['80:65536']}, /65536 is not a port/],
    [{hostPorts: ['80:8080', '80:8081']}, /host port 80 twice/],
    [{hostPorts: ['80:8080', '81:8080']}, /container port 8080 twice/],
    [{hostPorts: ['80:15021']}, /the proxy uses 15021/],
    [{name: 'UPPER'}, /NAME UPPER is not a DNS label/],
    [{name: 'a'.repeat(60)}, /60 characters/],
    [{nodeSelector: ['a b=c']}, /a b is not a label key/],
    [{serviceType: 'None'}, /--service-type None is not one of/],
  ])('%j', (raw, message) => {
    expect(problemOf(() => readSpec(ingressDeployFields, raw, ingressDeployProblems))).toMatch(message)
  })
})

test('a node selector may have an empty value', () => {
  const {nodeSelector} = readSpec(ingressDeployFields, {nodeSelector: ['node-role.kubernetes.io/ingress=', 'a=b']})
  expect({...nodeSelector}).toEqual({'node-role.kubernetes.io/ingress': '', a: 'b'})
})

describe('tls refuses', () => {
  test.each<[RawSpec<typeof ingressTlsFields>, RegExp]>([
    [{}, /HOST is missing[\s\S]*--cert FILE is missing[\s\S]*--key FILE is missing/],
    [{host: '*'}, /HOST \* is not a host/],
    [{host: 'a.*.b'}, /is not a host/],
    [{host: 'a.b', secret: 's', cert: 'f'}, /--cert would be another/],
    [{host: 'a.b', cert: 'f', key: 'k', mutual: true}, /--mutual needs --ca/],
    [{host: 'a.b', cert: 'f', key: 'k', ca: 'c'}, /without --mutual nobody asks/],
  ])('%j', (raw, message) => {
    expect(problemOf(() => readSpec(ingressTlsFields, raw, ingressTlsProblems))).toMatch(message)
  })
})
