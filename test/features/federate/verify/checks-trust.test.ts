import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {verifyChecks} from '../../../../src/features/federate/verify/checks.ts'
import {injection, roots} from '../../../../src/features/federate/verify/checks-trust.ts'
import {injector, primaryAndRemote} from '../../../mesh/samples-remote.ts'
import {createRoot, foundBy, observed, rootCa} from './samples.ts'

const otherRoot = createRoot()

function cacerts(pem: string): KubernetesObject {
  const data = {'root-cert.pem': Buffer.from(pem).toString('base64')}
  return {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'cacerts'}, data}
}

test('no root CA', () =>
  expect(foundBy(verifyChecks, [observed('east', {facts: {servedRoot: undefined}}), observed('west')])).toEqual([
    'east root error: root CA is unknown: istiod has not distributed one',
  ]))

test('different root CAs', () =>
  expect(foundBy(verifyChecks, [observed('east'), observed('west', {facts: {servedRoot: otherRoot}})])).toEqual([
    expect.stringMatching(/^west root error: root CA \(.*differs from that of east \(.*\): mTLS between them fails$/),
  ]))

test('a root CA in cacerts that istiod does not distribute yet', () => {
  const facts = {caSecret: cacerts(rootCa), servedRoot: otherRoot}
  expect(foundBy(verifyChecks, [observed('east'), observed('west', {facts})])).toEqual([
    expect.stringMatching(/^west root error: istiod still distributes another root CA \(/),
  ])
})

test('primary-remote mode: root CA and CA bundle come from the primary', () => {
  const found = (caBundle: string | null, servedRoot: string | undefined) => {
    const {all} = primaryAndRemote({
      east: {servedRoot: rootCa},
      west: {servedRoot},
      westRemote: {injector: injector('west', 'net-west', caBundle)},
    })
    return foundBy(
      [roots, injection],
      all.map(member => ({...observed('east'), member})),
    )
  }
  expect(found('Q0E=', rootCa)).toEqual([])
  expect(found(null, undefined)).toEqual([
    'west root error: root CA is unknown: istiod of the primary cluster has not distributed one',
    'west injection error: istio-sidecar-injector has no CA bundle from istiod of the primary cluster: pods with sidecar injection cannot start',
  ])
})
