import {expect, test} from 'vitest'
import {controlPlaneFields, validateControlPlane} from '../../../src/features/federate/spec-control-plane.ts'
import {readSpec} from '../../../src/spec/read.ts'

test.each([
  ['istiod', undefined],
  ['custom', undefined],
  ['k8s.io/clusterissuers.cert-manager.io/mesh', undefined],
  ['kubernetes', 'name a signer of Kubernetes as k8s.io/SIGNER'],
  ['k8s.io/', 'is not istiod, custom or k8s.io/SIGNER'],
  ['vault', 'is not istiod, custom or k8s.io/SIGNER'],
])('--cert-provider %s: %s', (certProvider, problem) => {
  const read = () => readSpec(controlPlaneFields, {controlPlane: 'istioctl', certProvider})
  if (problem === undefined) expect(read().certProvider).toBe(certProvider)
  else expect(read).toThrow(problem)
})

test.each([
  [{set: ['a=b']}, '--set'],
  [{values: ['file.yaml']}, '--values'],
  [{istioctl: '/bin/istioctl'}, '--istioctl'],
  [{chartVersion: '1.31.0'}, '--chart-version'],
  [{certProvider: 'custom'}, '--cert-provider'],
])('%j has an effect only on a rendered control plane', (raw, flag) => {
  const message = `${flag} has an effect only with --control-plane istioctl or helm or sail`
  expect(() => readSpec(controlPlaneFields, raw)).toThrow(message)
  expect(() => readSpec(controlPlaneFields, {...raw, controlPlane: 'helm'})).not.toThrow()
})

test.each([
  [['pilot.autoscaleMin=2'], 0],
  [['pilot.autoscaleMin'], 1],
])('--set %j', (set, problems) => expect(validateControlPlane({set})).toHaveLength(problems))
