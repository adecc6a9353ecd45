import {describe, expect, test} from 'vitest'
import {verifyChecks} from '../../../../src/features/federate/verify/checks.ts'
import type {ObservedCluster} from '../../../../src/features/federate/verify/read.ts'
import type {VerifySubject} from '../../../../src/features/federate/verify/subject.ts'
import {injector, primaryAndRemote, type RemoteDiffers} from '../../../mesh/samples-remote.ts'

/** Returns the findings as `CLUSTER CHECK: MESSAGE`, and the checks that apply to each cluster. */
function verify(differs: RemoteDiffers): {found: string[]; applied: Record<string, string[]>} {
  const {all} = primaryAndRemote(differs)
  const seen = all.map(
    (member): ObservedCluster => ({
      member,
      unreachable: undefined,
      istiods: [],
      credentials: [],
      addresses: [],
      meshNamespaces: new Set(),
      namespaces: new Set(),
      services: [],
      rules: [],
      exporting: undefined,
    }),
  )
  const subject = {
    all: seen,
    systemNamespace: 'istio-system',
    gateways: false,
    singleNetwork: false,
    dataPlane: 'sidecar' as const,
    repairCommand: 'kubectl mesh federate --mode primary-remote --primary east --contexts east,west',
    controlPlaneFlags: [],
  }
  const applying = (current: ObservedCluster) =>
    verifyChecks.filter(check => check.applies({...subject, current} satisfies VerifySubject))
  return {
    found: seen.flatMap(current =>
      applying(current).flatMap(({id, run}) =>
        run({...subject, current}).map(({cluster, message}) => `${cluster} ${id}: ${message}`),
      ),
    ),
    applied: Object.fromEntries(seen.map(current => [current.member.cluster, applying(current).map(({id}) => id)])),
  }
}

describe('a primary and its remote', () => {
  const exposure = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: {name: 'cross-network-gateway', namespace: 'istio-system'},
    spec: {servers: [{port: {number: 15443}, tls: {mode: 'AUTO_PASSTHROUGH'}}]},
  }
  const healthy = {east: {exposure}}

  test('the checks of istiod and credentials apply to a primary, that of injection to a remote', () => {
    const {applied} = verify(healthy)
    expect(applied.east).toEqual(expect.arrayContaining(['istiod-answers', 'credentials', 'istiod-exposed']))
    expect(applied.east).not.toContain('reader')
    expect(applied.west).toEqual(expect.arrayContaining(['injection', 'reader', 'exposure', 'root']))
    for (const id of ['istiod-answers', 'credentials', 'cluster-key', 'clusters-synced', 'istiod-exposed'])
      expect(applied.west).not.toContain(id)
  })

  test.each<[string, RemoteDiffers, RegExp]>([
    ['no exposure of istiod', {...healthy, eastRemote: {istiodExposed: false}}, /^east istiod-exposed: no Gateway/],
    [
      'no CA in the webhook',
      {...healthy, westRemote: {injector: injector('west', 'net-west', null)}},
      /^west injection: /,
    ],
    ['a reader without write access', {...healthy, westRemote: {readerLeads: false}}, /^west reader: .*write its root/],
    ['no exposure of Services', {}, /^west exposure: Gateway istio-system\/cross-network-gateway is missing/],
  ])('%s', (_, differs, message) => {
    expect(verify(differs).found).toContainEqual(expect.stringMatching(message))
    expect(verify(healthy).found).not.toContainEqual(expect.stringMatching(message))
  })
})
