import {describe, expect, test} from 'vitest'
import {multiClusterLabel, peerAnnotation, remoteClusterAnnotation} from '../../../src/engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {belongsToOutside, isReadFromOutside} from '../../../src/features/federate/objects-outside.ts'
import {sharedTokenName} from '../../../src/istio/names.ts'
import {member, remoteSecret} from '../../mesh/samples.ts'

const inRun = new Set(['east', 'west'])
const secret = (name: string, metadata: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {name, ...metadata},
})
const tokenFor = (peer: string) => secret(`istio-remote-token-${peer}`, {annotations: {[peerAnnotation]: peer}})
const remoteSecretFor = (target: string) =>
  secret(`istio-remote-secret-${target}`, {
    labels: {[multiClusterLabel]: 'true'},
    annotations: {[remoteClusterAnnotation]: target},
  })
const sharedToken = secret(sharedTokenName)
const knowsFar = {remoteSecrets: [remoteSecret('istio-remote-secret-far', {far: 'k'})]}

describe('belongsToOutside', () => {
  test.each<[string, KubernetesObject, object, boolean]>([
    ['a token for a cluster of the run', tokenFor('west'), {}, false],
    ['a token for another cluster', tokenFor('far'), {}, true],
    ['a remote Secret for a cluster of the run', remoteSecretFor('west'), {}, false],
    ['a remote Secret for another cluster', remoteSecretFor('far'), {}, true],
    ['a remote Secret for an unknown cluster', secret('s', {labels: {[multiClusterLabel]: 'true'}}), {}, true],
    ['a shared token, and no cluster outside is known', sharedToken, {}, false],
    ['a shared token, and a cluster outside is known', sharedToken, knowsFar, true],
    ['another object', secret('cacerts'), {}, false],
  ])('%s', (_, object, more, expected) => expect(belongsToOutside(object, member('east', more), inRun)).toBe(expected))
})

describe('isReadFromOutside', () => {
  const all = [member('east'), member('west')]
  test.each<[string, object, boolean]>([
    ['no tokens', {}, false],
    ['a token for a cluster of the run', {created: [tokenFor('west')]}, false],
    ['a token for another cluster', {created: [tokenFor('far')]}, true],
    ['a shared token, and a cluster outside is known', {created: [sharedToken], ...knowsFar}, true],
  ])('%s', (_, more, expected) => expect(isReadFromOutside(member('east', more), all)).toBe(expected))
})
