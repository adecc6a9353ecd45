import {describe, expect, test} from 'vitest'
import {gatewayField, gatewayProblems, gatewayTypeOf, mergeGateways} from '../../../src/mesh/gateways/spec.ts'

const {parse, format} = gatewayField

describe('the field', () => {
  test('texts and a map in a file are the same', () => {
    const texts = [
      'east=type=NodePort',
      'east=node-port=15443=32443',
      'west=annotation=service.beta.kubernetes.io/aws-load-balancer-scheme=internal',
      'west=annotation=a=b=c',
      'west=source-range=10.0.0.0/8',
      'west=source-range=2001:db8::/32',
      'west=request=cpu=500m',
    ]
    const expected = {
      east: {type: 'NodePort', nodePorts: {15443: '32443'}},
      west: {
        annotations: {'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internal', a: 'b=c'},
        sourceRanges: ['10.0.0.0/8', '2001:db8::/32'],
        requests: {cpu: '500m'},
      },
    }
    expect(parse(texts)).toEqual(expected)
    expect(format!(parse(texts))).toEqual(texts)
    const inFile = {...expected, east: {type: 'NodePort', nodePorts: {15443: 32_443}}}
    expect(parse(inFile)).toEqual(expected)
    expect(parse({east: {replicas: 2}})).toEqual({east: {replicas: '2'}})
  })

  test('a context may contain =', () => {
    expect(parse('a=b=replicas=2')).toEqual({'a=b': {replicas: '2'}})
  })

  test.each([
    ['east', /is not CTX=SETTING=VALUE with one of the settings .*type, annotation,/],
    ['east=unknown=1', /is not CTX=SETTING=VALUE/],
    ['east=type=Other', /Other is not one of LoadBalancer/],
    ['east=node-port=80=32000', /80 is not a port of the gateway/],
    ['east=node-port=15443=70000', /70000 is not a port/],
    ['east=source-range=10.0.0.0', /is not a CIDR/],
    ['east=source-range=10.0.0.0/33', /is not a CIDR/],
    ['east=external-ip=host', /is not an IP address/],
    ['east=toleration=a:Never', /is not KEY\[=VALUE\]\[:EFFECT\]/],
    ['east=replicas=0', /is not a number of pods/],
    ['east=request=cpu', /is not RESOURCE=QUANTITY/],
    ['east=limit=memory=1 Gi', /is not a quantity/],
    [['east=replicas=1', 'east=replicas=2'], /sets replicas twice/],
    [{east: {unknown: 1}}, /of east has no setting unknown/],
    [{east: 'NodePort'}, /of east must be a map/],
  ])('%j', (raw, message) => expect(() => parse(raw)).toThrow(message))
})

test('each setting is kept until it is set again', () => {
  const stored = parse(['east=type=NodePort', 'east=replicas=2', 'west=replicas=3'])
  expect(mergeGateways(stored, parse(['east=replicas=4']))).toEqual({
    east: {type: 'NodePort', replicas: '4'},
    west: {replicas: '3'},
  })
})

describe('with the other fields', () => {
  const spec = (gateway: string[], gatewayServiceType: 'LoadBalancer' | 'ClusterIP' = 'LoadBalancer') => ({
    ...{contexts: ['east', 'west'], gatewayServiceType},
    gateway: parse(gateway),
  })

  test('the type of a cluster', () => {
    const types = spec(['east=type=NodePort'])
    expect([gatewayTypeOf(types, 'east'), gatewayTypeOf(types, 'west')]).toEqual(['NodePort', 'LoadBalancer'])
  })

  test.each([
    [spec(['north=replicas=2']), '--gateway north: north is not among --contexts east,west'],
    [
      spec(['east=type=NodePort', 'east=source-range=10.0.0.0/8']),
      '--gateway east=source-range: has no effect on type NodePort',
    ],
    [spec(['east=node-port=15443=32443'], 'ClusterIP'), '--gateway east=node-port: has no effect on type ClusterIP'],
  ])('what has no effect', (given, message) => expect(gatewayProblems(given)).toEqual([{message}]))
})
