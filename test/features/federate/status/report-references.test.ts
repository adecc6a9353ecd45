import {expect, test} from 'vitest'
import {multiClusterLabel, peerAnnotation} from '../../../../src/engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {lostClusterFindings, withKnownNames} from '../../../../src/features/federate/status/report-references.ts'
import {remoteKubeconfig} from '../../../../src/mesh/objects-remote-secret.ts'
import {facts, member} from '../../../mesh/samples.ts'

const secret = (name: string, more: Partial<KubernetesObject> & {annotations?: Record<string, string>}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  ...more,
  metadata: {name, namespace: 'istio-system', uid: name, annotations: more.annotations ?? {}},
})
const kubeconfig = remoteKubeconfig({
  target: 'south',
  server: 'https://10.0.0.9:6443',
  certificateAuthority: 'CA\n',
  tlsServerName: undefined,
  token: 'x',
})
const held = {
  ...secret('istio-remote-secret-south', {data: {south: Buffer.from(kubeconfig).toString('base64')}}),
  labels: {[multiClusterLabel]: 'true'},
}
const token = secret('istio-remote-token-south', {annotations: {[peerAnnotation]: 'south'}})
const east = member('east', facts('east', {remoteSecrets: [held], created: [held, token]}))
const west = member('west', facts('west'))
const lost = {...member('south', facts('south')), facts: undefined}

test('a cluster that does not answer is reported with what refers to it, and how to remove it everywhere', () => {
  expect(lostClusterFindings([lost], [east, west], 'istio-system')).toEqual([
    {
      level: 'warning',
      check: 'lost-cluster',
      cluster: 'south',
      message:
        'does not answer; still referred to by east (secret/istio-remote-secret-south, secret/istio-remote-token-south)',
      hints: [
        `if the cluster no longer exists: kubectl mesh federate remove --contexts ${lost.context} --from ${east.context},${west.context} --unreachable-ok`,
      ],
    },
  ])
  expect(lostClusterFindings([lost], [west], 'istio-system')).toEqual([])
})

test('a context with another name is matched by its API server', () => {
  const renamed = {...lost, context: 'prod-3', cluster: 'prod-3'}
  const [, , found] = withKnownNames([east, west, renamed], () => 'https://10.0.0.9:6443')
  expect(found?.cluster).toBe('south')
  expect(lostClusterFindings([found!], [east], 'mesh')[0]?.hints?.[0]).toMatch(
    / --contexts prod-3 --from \S+ --cluster-name prod-3=south --unreachable-ok --system-namespace mesh$/,
  )
  expect(withKnownNames([east, renamed], () => 'https://elsewhere')[1]?.cluster).toBe('prod-3')
})
