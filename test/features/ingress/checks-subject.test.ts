import {expect, test} from 'vitest'
import {type IngressSubject, isGatewayPod} from '../../../src/features/ingress/checks-subject.ts'
import {gatewayPod} from './samples.ts'

const spec = {name: 'istio-ingressgateway', namespace: 'edge'} as IngressSubject['spec']
const own = {name: 'p', node: 'n1', hostPorts: [], ...gatewayPod}

test.each([
  ['of the gateway', own, true],
  ['in another namespace', {...own, namespace: 'x'}, false],
  ['with another app label', {...own, labels: {...own.labels, app: 'x'}}, false],
])('a pod %s', (_name, pod, expected) => {
  expect(isGatewayPod(pod, spec)).toBe(expected)
})
