import {describe, expect, test} from 'vitest'
import {peerAnnotation} from '../../../src/engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {
  grantsSecrets,
  readerNeeds,
  renderedIn,
  secretReaders,
  withRenderedReaders,
} from '../../../src/features/federate/objects-reader-rights.ts'
import {federationFields} from '../../../src/features/federate/spec.ts'
import type {FederationFacts} from '../../../src/mesh/facts.ts'
import {buildReader} from '../../../src/mesh/objects-reader.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {controlPlane, member} from '../../mesh/samples.ts'
import {primaryAndRemote} from '../../mesh/samples-remote.ts'

const spec = readSpec(federationFields, {contexts: ['east', 'west']})
const withoutSecrets = {version: '1.31.0', readsRemoteSecrets: false}
const token = (uid: string, annotations = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {name: `token-${uid}`, uid, annotations},
})

/** East, beside west with these differences of its control plane. */
function pair(west: object, east: Partial<FederationFacts> = {}) {
  return [member('east', east), member('west', {controlPlanes: [controlPlane('west', west)]})] as const
}

describe('who reads the Secrets of east', () => {
  const own = token('own')
  test.each<[string, object, Partial<FederationFacts>, string[]]>([
    ['an older istiod', {version: '1.30.3'}, {}, ['istiod of west (Istio 1.30.3)']],
    ['an istiod of unknown version', {version: undefined}, {}, ['istiod of west (unknown version)']],
    ['an istiod that reads no Secrets', withoutSecrets, {}, []],
    ['our own token', withoutSecrets, {created: [own], tokenSecrets: new Map([['t', own]])}, []],
    [
      'a token of another tool',
      withoutSecrets,
      {tokenSecrets: new Map([['t', own]])},
      ['istiods of clusters outside this run'],
    ],
    [
      'a cluster outside this run',
      withoutSecrets,
      {created: [token('own', {[peerAnnotation]: 'south'})]},
      ['istiods of clusters outside this run'],
    ],
  ])('%s', (_, west, east, expected) => {
    const [one, other] = pair(west, east)
    expect(secretReaders(one, [one, other])).toEqual(expected)
  })

  test('a cluster without a control plane that is known', () => {
    const all = [member('east'), member('west', {controlPlanes: []})]
    expect(secretReaders(all[0]!, all)).toEqual(['istiod of west (unknown version)'])
  })

  test('a remote has no istiod', () => {
    const {all} = primaryAndRemote({plane: withoutSecrets})
    expect(all.map(one => secretReaders(one, all))).toEqual([[], []])
  })
})

describe('an existing account that may not read Secrets', () => {
  const reader = {account: token('account'), allowed: true, readsSecrets: false}
  test.each<[string, object, boolean]>([
    ['is not sufficient for an older istiod', {version: '1.30.3'}, true],
    ['is sufficient for an istiod that reads none', withoutSecrets, false],
  ])('%s', (_, west, makeReader) => {
    const [one, other] = pair(west, {reader})
    expect(readerNeeds(spec, one, [one, other])).toEqual({makeReader, readsSecrets: makeReader})
  })
})

describe('our reader account beside an existing one that is sufficient', () => {
  const reader = {account: token('account'), allowed: true, readsSecrets: true}
  const account = {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: 'istio-reader-service-account'}}
  const role = {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: {name: 'istio-reader'}}
  const record = (data: Record<string, string>) => ({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data})
  test.each<[string, Partial<FederationFacts>, boolean]>([
    ['the record lists the account', {created: [account]}, true],
    ['the record lists the role', {created: [role], record: record({members: ''})}, true],
    ['the record of version 0.1.0 proves no role', {unrecorded: [role], record: record({})}, true],
    ['a role with a forged label', {unrecorded: [role], record: record({members: ''})}, false],
  ])('%s', (_, facts, makeReader) => {
    const [one, other] = pair(withoutSecrets, {reader, ...facts})
    expect(readerNeeds(spec, one, [one, other])).toMatchObject({makeReader})
  })
})

describe('a control plane that this run renders', () => {
  const istiod = (env: object[], image = 'istio/pilot:1.31.0'): KubernetesObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name: 'istiod', labels: {app: 'istiod'}},
    spec: {template: {spec: {containers: [{name: 'discovery', image, env}]}}},
  })
  const off = [{name: 'PILOT_ENABLE_REMOTE_CREDENTIALS_CONTROLLER', value: 'false'}]

  test.each<[string, KubernetesObject[], string[]]>([
    ['1.31 without the controller', [istiod(off)], []],
    ['1.31 with the controller', [istiod([])], ['istiod of west (Istio 1.31.0)']],
    ['1.30', [istiod(off, 'istio/pilot:1.30.3')], ['istiod of west (Istio 1.30.3)']],
    ['no Deployment (Sail)', [token('istio')], ['istiod of west (unknown version)']],
  ])('%s', (_, objects, expected) => {
    const all = withRenderedReaders(pair({version: undefined}), new Map([['west', objects]]))
    expect(secretReaders(all[0]!, all)).toEqual(expected)
  })
})

test('grantsSecrets', () => {
  const objects = (readsSecrets: boolean) =>
    renderedIn(buildReader('east', 'istio-system', {writesAsLeader: true, readsSecrets}))
  expect(objects(true).filter(grantsSecrets)).toHaveLength(1)
  expect(objects(false).filter(grantsSecrets)).toHaveLength(0)
  expect(grantsSecrets({apiVersion: 'v1', kind: 'ClusterRole', metadata: {name: 'x'}, rules: [null, {}]})).toBe(false)
})
